using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Portal.Data.Accounts;

namespace Portal.Data.Replication;

/// <summary>What emptying the outbox has come to.</summary>
/// <param name="Written">Rows looked after.</param>
/// <param name="After">What is left.</param>
public sealed record DrainResult(long Written, OutboxState After);

/// <summary>What an admin can do to the replication while it runs.</summary>
public sealed class ReplicationSwitch(ReplicationOutbox outbox, ILogger<ReplicationSwitch> log)
{
    // Somebody who holds what is needed lets go within some milliseconds, or is about to deliver it himself.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly Trouble SetMeanwhile = new(
        TroubleKind.NewDatabase, "Meanwhile somebody else has set another mode.", "It is shown now, and the audit log says who it was. If yours is still right, set it again.");

    /// <summary>Changes the mode at once, without blocking anyone; the audit log keeps who did it.</summary>
    /// <param name="seen">The mode that was shown when it was asked for: another one, that somebody has set since, is left. Null: whichever.</param>
    public Task<Answer<OutboxState>> SetMode(Caller? caller, ReplicationMode mode, ReplicationMode? seen = null, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
            await outbox.SetModeAsync(mode, caller?.Name ?? "", seen, cancel) ? (Answer<OutboxState>)await AdminOnly.AfterChange(() => outbox.ReadAsync(cancel)) : SetMeanwhile);

    /// <summary>Delivers all that waits, beside whoever else does.</summary>
    public Task<Answer<DrainResult>> Drain(Caller? caller, int batchKeys = 10_000, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            var written = 0L;
            var start = Stopwatch.GetTimestamp();
            while (true)
            {
                try
                {
                    var batch = await outbox.DrainAsync(batchKeys, cancel);
                    written += batch;
                    start = Stopwatch.GetTimestamp();
                    if (batch == 0)
                    {
                        break;
                    }
                }
                catch (PostgresException busy) when (ReplicationWorker.IsBusy(busy) && Stopwatch.GetElapsedTime(start) < Patience)
                {
                    await Task.Delay(50, cancel);
                }
            }

            var after = await outbox.ReadAsync(cancel);
            if (after.BreakerOpen && written > 0)
            {
                // It has just been written, so users need not be kept from it any longer.
                await outbox.LinkRestoredAsync(cancel);
                after = await outbox.ReadAsync(cancel);
            }

            return new DrainResult(written, after);
        });
}
