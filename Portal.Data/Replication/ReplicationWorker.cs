using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Data.Replication;

/// <summary>
/// Does what cannot be done in the users' transactions: empties the outbox, tries a broken link until it works again,
/// retries refused rows, and checks old against new. Any number of portals may run one; they share the work.
/// </summary>
public sealed partial class ReplicationWorker(
    ReplicationOutbox outbox,
    ReplicationMetrics metrics,
    ReplicationRates rates,
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    [FromKeyedServices(DatabaseNames.Old)] NpgsqlDataSource oldDatabase,
    IOptions<ReplicationWorkerOptions> options,
    TimeProvider time,
    ILogger<ReplicationWorker> log) : BackgroundService
{
    private readonly ReplicationWorkerOptions options = options.Value;
    private readonly LinkProbe probe = new(oldDatabase, options.Value.ProbeTimeout);
    private volatile bool isReachable;
    private volatile bool verifyAll = true;
    private long lastVerified;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Task[] both = [WatchAsync(stoppingToken), DeliverAsync(stoppingToken)];
        // A fault of one is told at once, not when the other ends.
        await await Task.WhenAny(both);
        await Task.WhenAll(both);
    }

    // Beside the delivery, which itself may be waiting for an old database that hangs.
    private async Task WatchAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await UnlessInterruptedAsync(LookAtLinkAsync, stop);
            await RestAsync(stop);
        }
    }

    private async Task DeliverAsync(CancellationToken stop)
    {
        await using var bell = new ReplicationBell(newDatabase);
        while (!stop.IsCancellationRequested)
        {
            await UnlessInterruptedAsync(async cancel => { await bell.WaitAsync(options.Interval, cancel); await WorkAsync(cancel); }, stop);
        }
    }

    private async Task UnlessInterruptedAsync(Func<CancellationToken, Task> work, CancellationToken stop)
    {
        try
        {
            await work(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            // The new database itself is away. What happened meanwhile is unknown.
            LogInterrupted(log, failure.Message);
            verifyAll = true;
            await RestAsync(stop);
        }
    }

    private async Task RestAsync(CancellationToken stop) =>
        await Task.Delay(options.Interval, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task LookAtLinkAsync(CancellationToken cancel)
    {
        if ((await outbox.ReadAsync(cancel)).Retired)
        {
            isReachable = false;
            return;
        }

        var (trouble, hasCrashed) = await probe.LookAsync(cancel);
        isReachable = trouble is null;
        verifyAll |= trouble is not null || hasCrashed;
        if (trouble is null)
        {
            return;
        }

        if (!(await outbox.ReadAsync(cancel)).BreakerOpen)
        {
            LogOutOfReach(log, trouble);
            await outbox.NotWrittenAsync(PostgresErrorCodes.ConnectionFailure, trouble, cancel);
        }

        await outbox.ReleaseWaitingAsync(cancel);
    }

    private async Task WorkAsync(CancellationToken cancel)
    {
        var state = await outbox.ReadAsync(cancel);
        metrics.State = state;
        metrics.Count(await rates.CountAsync(askOld: isReachable, cancel));
        if (isReachable && state.Mode != ReplicationMode.Paused && await DrainAsync(cancel))
        {
            if (state.BreakerOpen)
            {
                LogRestored(log);
                await outbox.LinkRestoredAsync(cancel);
                verifyAll = true;
            }

            await outbox.RetrySetAsideAsync(cancel);
            verifyAll |= state.IsCheckOutdated;
            await VerifyAsync(cancel);
        }
    }

    /// <returns>Whether all that waited is written; false when the old database could not be.</returns>
    private async Task<bool> DrainAsync(CancellationToken cancel)
    {
        try
        {
            // What comes meanwhile is left for the next time: users who never stop must not keep this from all else.
            var newest = (await outbox.EntriesAsync(cancel)).Newest;
            int written;
            do
            {
                written = await outbox.DrainAsync(options.BatchKeys, cancel);
                metrics.Drained(written);
            }
            while (written > 0 && (await outbox.EntriesAsync(cancel)).Oldest <= newest);
            return true;
        }
        catch (PostgresException failure) when (IsBusy(failure))
        {
            // Somebody else holds what is needed; it is tried again in a moment.
            return false;
        }
        catch (PostgresException failure)
        {
            LogNotWritten(log, failure.SqlState, failure.MessageText);
            metrics.Failed(failure.SqlState);
            await outbox.NotWrittenAsync(failure.SqlState, failure.MessageText, cancel);
            return false;
        }
    }

    /// <summary>Whether somebody else holds what is needed, for a moment.</summary>
    internal static bool IsBusy(PostgresException failure) =>
        failure.SqlState is PostgresErrorCodes.LockNotAvailable || failure.SqlState.StartsWith("40", StringComparison.Ordinal);

    private async Task VerifyAsync(CancellationToken cancel)
    {
        if (verifyAll)
        {
            // Before it begins: another interruption meanwhile asks for another one.
            verifyAll = false;
            verifyAll |= !await VerifyAllAsync(cancel);
        }
        else if (time.GetElapsedTime(lastVerified) >= options.VerifyInterval)
        {
            await outbox.VerifyAsync(options.VerifyRows, cancel);
            await DrainAsync(cancel);
        }
        else
        {
            return;
        }

        lastVerified = time.GetTimestamp();
    }

    /// <returns>Whether all was compared, and what differed was written.</returns>
    private async Task<bool> VerifyAllAsync(CancellationToken cancel)
    {
        // The round under way may have begun before the interruption: to its end, then a whole one.
        for (var rounds = 0; rounds < 2;)
        {
            if (await outbox.VerifyAsync(options.VerifyRows, cancel) is not { } finished || !await DrainAsync(cancel))
            {
                return false;
            }

            rounds += finished ? 1 : 0;
        }

        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The old database is out of reach: {Trouble}. Changes are queued.")]
    private static partial void LogOutOfReach(ILogger log, string trouble);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The old database could not be written ({Code}: {Trouble}). Changes are queued.")]
    private static partial void LogNotWritten(ILogger log, string code, string trouble);

    [LoggerMessage(Level = LogLevel.Information, Message = "The old database answers again; what was queued is written.")]
    private static partial void LogRestored(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The replication worker was interrupted: {Trouble}")]
    private static partial void LogInterrupted(ILogger log, string trouble);
}
