using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Planning;

/// <summary>
/// Looks at the old database about every half minute: who is connected there, how often its tables were read, who else has
/// written them, and whether the guard had to refuse anything. Of several portals one looks.
/// </summary>
public sealed partial class ReaderWatch(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    OldGuard guard,
    ReplicationOutbox outbox,
    ReplicationTriggers triggers,
    TimeProvider time,
    ILogger<ReaderWatch> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SampleAsync(stoppingToken);
                await Task.Delay(Interval, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Looks once, unless another portal has just done so.</summary>
    /// <returns>Whether it did.</returns>
    internal async Task<bool> SampleAsync(CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            await using var claim = newDatabase.CreateCommand("select replication.claim_sample($1)");
            // A little less than the interval: the clocks of two portals never tick alike.
            claim.Parameters.Add(new() { Value = Interval * 0.8 });
            if (await claim.ExecuteScalarAsync(patience.Token) is not true)
            {
                return false;
            }

            var sample = await guard.SampleAsync(patience.Token);
            var state = await outbox.ReadAsync(patience.Token);
            var inStep = state is { BreakerOpen: false, SetAside: 0, VerifiedAt: not null, VerifiedDifferences: 0 }
                && !(await triggers.Read(patience.Token)).Silent.Any();
            await using var note = newDatabase.CreateCommand("select replication.note_sample($1, $2, $3, $4), replication.note_other_writes($5)");
            note.Parameters.Add(new() { Value = sample.Sessions, NpgsqlDbType = NpgsqlDbType.Jsonb });
            note.Parameters.Add(new() { Value = sample.Counters, NpgsqlDbType = NpgsqlDbType.Jsonb });
            note.Parameters.Add(new() { Value = sample.Refused });
            note.Parameters.Add(new() { Value = inStep });
            note.Parameters.Add(new() { Value = sample.Writes, NpgsqlDbType = NpgsqlDbType.Jsonb });
            await note.ExecuteNonQueryAsync(patience.Token);
            return true;
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure) || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // The look is missing then, which the plan takes for a gap once it is long enough.
            LogFailed(log, failure.Message);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The readers of the old database could not be looked for: {Failure}")]
    private static partial void LogFailed(ILogger log, string failure);
}
