using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication;

/// <summary>What can be done to a trigger.</summary>
public enum TriggerChange
{
    /// <summary>Makes it and its function as the scripts have made them, and switches it on.</summary>
    Reinstall,

    /// <summary>Lets it fire as it should.</summary>
    Enable,

    /// <summary>Keeps it from firing.</summary>
    Disable,
}

/// <summary>Puts the triggers of the replication right, or switches them off for a while; who did it and why is noted.</summary>
public sealed class TriggerSwitch(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    ReplicationTriggers triggers,
    TimeProvider time,
    ILogger<TriggerSwitch> log)
{
    public const int LongestReason = 500;

    // Each attempt waits half a second for the table's lock, with writers behind it, so there is a pause between them.
    private const int Attempts = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    public static Trouble ReasonMissing { get; } = new(
        TroubleKind.NewDatabase, "A reason is needed.", "Say in a few words why; it goes into the audit log.");

    /// <summary>Changes one or several triggers, one after the other.</summary>
    /// <returns>All triggers as they are then, or what kept the first one that failed from being changed, and how many were before it.</returns>
    public Task<Answer<TriggerReport>> Change(
        Caller? caller, IEnumerable<ReplicationTrigger> which, TriggerChange change, string reason, CancellationToken cancel = default) =>
        AdminOnly.Answer<TriggerReport>(caller, log, async () =>
        {
            if (string.IsNullOrWhiteSpace(reason))
            {
                throw new TroubleException(ReasonMissing);
            }

            var (all, changed) = (which.ToList(), 0);
            try
            {
                foreach (var trigger in all)
                {
                    await ChangeOne(trigger, change, caller?.Name ?? "", reason.Trim(), cancel);
                    changed++;
                }
            }
            catch (Exception failure) when (changed > 0 && (failure is TroubleException || TroubleReader.IsOfDatabase(failure)))
            {
                var trouble = (failure as TroubleException)?.Trouble ?? TroubleReader.OfNew(failure);
                throw new TroubleException(trouble with { Summary = $"Changed so far: {changed} of {all.Count}. {trouble.Summary}" });
            }

            return await AdminOnly.AfterChange(() => triggers.Read(cancel));
        });

    private async Task ChangeOne(ReplicationTrigger trigger, TriggerChange change, string account, string reason, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var command = newDatabase.CreateCommand("select replication.change_trigger($1, $2, $3, $4, $5)");
#pragma warning disable CA1308 // The database's own words are lower case.
                foreach (var value in (string[])[trigger.Table, trigger.Name, change.ToString().ToLowerInvariant(), account, reason])
#pragma warning restore CA1308
                {
                    command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
                }

                await command.ExecuteNonQueryAsync(cancel);
                return;
            }
            catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                if (attempt == Attempts)
                {
                    throw new TroubleException(new(
                        TroubleKind.NewDatabase,
                        $"The table {trigger.ShownTable} is in use by a long transaction, so {trigger.Name} was left as it is.",
                        "Try again in a moment. Nobody was held up for long.",
                        busy.SqlState));
                }

                await Task.Delay(FirstPause * attempt, time, cancel);
            }
            catch (PostgresException refused) when (refused.SqlState is "55000" or PostgresErrorCodes.InsufficientPrivilege)
            {
                throw new TroubleException(new(
                    TroubleKind.NewDatabase,
                    $"{trigger.Name} on {trigger.ShownTable} cannot be changed like that.",
                    "It may have been changed by somebody else meanwhile: look at the triggers anew.",
                    refused.SqlState));
            }
        }
    }
}
