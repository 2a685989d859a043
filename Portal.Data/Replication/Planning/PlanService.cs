using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;
using NpgsqlTypes;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Planning;

/// <summary>The plan of the migration: how each step stands, taking it, and undoing it.</summary>
public sealed class PlanService(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase, PlanReading reading, OldGuard guard, ILogger<PlanService> log)
{
    private static readonly Trouble ReasonMissing = new(
        TroubleKind.NewDatabase, "A reason is needed.", "Say in a few words why; it goes into the audit log.");

    public Task<Answer<PlanReport>> Read(Caller? caller, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, () => reading.ReadAsync(cancel));

    /// <summary>The same with only a page of those who read the old database, 1 the first.</summary>
    public Task<Answer<PlanReport>> Read(Caller? caller, int readersPage, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, () => reading.ReadAsync(readersPage, cancel));

    /// <summary>Takes a step, if it is the next one and its conditions hold at this moment.</summary>
    /// <param name="why">The reason, noted with the step; needed to take it although they do not.</param>
    /// <param name="known">The conditions that who gave the reason was shown as not holding: it excuses no other. Null: any.</param>
    /// <param name="serverName">For <see cref="PlanStepName.Retire"/>: the foreign server's name, typed by who retires it.</param>
    /// <param name="dryRun">Only tells what would come of it.</param>
    public Task<Answer<PlanOutcome>> Take(
        Caller? caller, PlanStepName step, string? why, string? serverName = null, bool dryRun = false,
        IReadOnlyCollection<string>? known = null, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            var plan = await reading.ReadAsync(cancel);
            var wanted = plan.Steps.Single(s => s.Name == step);
            if (PlanRules.Refusal(plan, wanted, why, known, serverName) is { } refusal)
            {
                return new PlanOutcome(false, refusal, plan);
            }

            var reason = why?.Trim();
            if (dryRun)
            {
                return new PlanOutcome(true, $"Nothing was changed. “{PlanRules.Name(step)}” can be taken{(wanted.Holds ? "" : " with that reason")}.", plan);
            }

            var sentence = await TakeAsync(caller?.Name ?? "", wanted, reason, serverName, cancel);
            return new PlanOutcome(sentence.Done, sentence.Text, await (sentence.Done ? AdminOnly.AfterChange(() => reading.ReadAsync(cancel)) : reading.ReadAsync(cancel)));
        });

    /// <summary>Undoes the step that was taken last.</summary>
    public Task<Answer<PlanOutcome>> Undo(
        Caller? caller, PlanStepName step, string? why, bool dryRun = false, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            if (string.IsNullOrWhiteSpace(why))
            {
                throw new TroubleException(ReasonMissing);
            }

            await using var connection = await newDatabase.OpenConnectionAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await using var undo = Command("select replication.undo_step($1, $2, $3)", connection, PlanRules.Word(step), caller?.Name ?? "", why.Trim());
            var outcome = await Explained(() => undo.ExecuteScalarAsync(cancel)) as string;
            var done = outcome == "undone";
            if (done && !dryRun)
            {
                if (step == PlanStepName.Freeze)
                {
                    await SwitchGuard(connection, false, caller?.Name ?? "", why.Trim(), cancel);
                }

                await transaction.CommitAsync(cancel);
            }
            else
            {
                await transaction.RollbackAsync(cancel);
            }

            var after = await (done && !dryRun ? AdminOnly.AfterChange(() => reading.ReadAsync(cancel)) : reading.ReadAsync(cancel));
            return new PlanOutcome(done, dryRun && done ? $"Nothing was changed. “{PlanRules.Name(step)}” can be undone." : PlanRules.Undone(step, outcome), after);
        });

    /// <summary>Lets the old database refuse writes that are not the replication's, or note them.</summary>
    public Task<Answer<PlanReport>> SetGuard(Caller? caller, bool refuse, string? why, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await using var connection = await newDatabase.OpenConnectionAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await SwitchGuard(connection, refuse, caller?.Name ?? "", why, cancel);
            await transaction.CommitAsync(cancel);
            return await AdminOnly.AfterChange(() => reading.ReadAsync(cancel));
        });

    /// <summary>Changes how long something must have been so.</summary>
    public Task<Answer<PlanReport>> SetSetting(Caller? caller, string name, Duration value, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await using var connection = await newDatabase.OpenConnectionAsync(cancel);
            await using var command = Command(
                "select replication.set_plan_setting($1, make_interval(secs => $2), $3)", connection, name, value.TotalSeconds, caller?.Name ?? "");
            await command.ExecuteNonQueryAsync(cancel);
            return await AdminOnly.AfterChange(() => reading.ReadAsync(cancel));
        });

    /// <summary>Notes that a reader has moved to the new service, or has not after all.</summary>
    public Task<Answer<PlanReport>> MarkReader(Caller? caller, OldReader reader, bool movedOn, string? note, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await using var connection = await newDatabase.OpenConnectionAsync(cancel);
            await using var command = Command(
                "select replication.mark_reader($1, $2, $3, $4, $5, $6)", connection,
                reader.Application, reader.Role, reader.Address, movedOn, caller?.Name ?? "", note?.Trim() ?? "");
            await command.ExecuteNonQueryAsync(cancel);
            return await AdminOnly.AfterChange(() => reading.ReadAsync(cancel));
        });

    private async Task<(bool Done, string Text)> TakeAsync(string account, PlanStep step, string? reason, string? serverName, CancellationToken cancel)
    {
        await using var connection = await newDatabase.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using var take = Command(
            "select outcome, by_account, at from replication.take_step($1, $2, $3, $4)", connection, PlanRules.Word(step.Name), account, reason ?? "");
        take.Parameters.Add(new() { Value = JsonSerializer.Serialize(step.Conditions, PlanReading.Json), NpgsqlDbType = NpgsqlDbType.Jsonb });
        var (outcome, by, at) = (await take.Rows(r => (r.GetString(0), r.TextOrNull(1), r.IsDBNull(2) ? (Instant?)null : r.GetFieldValue<Instant>(2)), cancel)).Single();
        if (outcome != "taken")
        {
            return (false, PlanRules.NotTaken(step.Name, outcome, by, at));
        }

        // The guard is in the other database: it is switched before this is kept, so that a frozen step always means a guard that refuses.
        if (step.Name == PlanStepName.Freeze)
        {
            await SwitchGuard(connection, true, account, reason, cancel);
        }

        if (step.Name == PlanStepName.Retire)
        {
            await using var retire = Command("select replication.retire($1, $2)", connection, serverName ?? "", account);
            await Explained(() => retire.ExecuteNonQueryAsync(cancel));
        }

        await transaction.CommitAsync(cancel);
        return (true, PlanRules.Taken(step.Name));
    }

    private static async Task<T> Explained<T>(Func<Task<T>> change)
    {
        try
        {
            return await change();
        }
        catch (PostgresException refused) when (PlanRules.Trouble(refused) is { } trouble)
        {
            throw new TroubleException(trouble);
        }
    }

    private async Task SwitchGuard(NpgsqlConnection connection, bool refuse, string account, string? why, CancellationToken cancel)
    {
        string before;
        try
        {
            before = await guard.SetAsync(refuse, account, cancel);
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
        {
            throw new TroubleException(TroubleReader.OfOld(failure));
        }

        await using var note = Command("select replication.note_guard($1, $2, $3, $4)", connection, before, OldGuard.Mode(refuse), account, why?.Trim() ?? "");
        await note.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlCommand Command(string sql, NpgsqlConnection connection, params object[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new() { Value = parameter });
        }

        return command;
    }
}
