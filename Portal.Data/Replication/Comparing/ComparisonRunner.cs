using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Comparing;

/// <summary>Works on a comparison that was begun, from where it stands.</summary>
public sealed class ComparisonRunner(
    ComparisonStore store,
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    [FromKeyedServices(DatabaseNames.Old)] NpgsqlDataSource oldDatabase,
    TimeProvider time)
{
    private const string Lock = "replication.comparison";

    // How soon a pause or a stop is noticed while a statement runs.
    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(500);

    internal ChunkSize? Size { get; set; }

    /// <summary>Works until it is over, paused or stopped.</summary>
    /// <returns>False when somebody else works on it.</returns>
    /// <exception cref="NpgsqlException">The new database failed; it can go on later.</exception>
    /// <exception cref="OldDatabaseException">The old database failed; it can go on later.</exception>
    internal async Task<bool> Work(long id, Action<ComparisonRun>? progress, CancellationToken cancel)
    {
        await using var taken = await WorkLock.TryTake(newDatabase, Lock, id, cancel);
        if (taken is null)
        {
            return false;
        }

        if (await store.Read(id, cancel) is { State: ComparisonState.Running } run)
        {
            using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var watching = WatchState(id, interrupted);
            try
            {
                await Work(run, progress, interrupted.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // It was paused or stopped.
            }
            finally
            {
                await interrupted.CancelAsync();
                await watching;
            }
        }

        return true;
    }

    private async Task Work(ComparisonRun run, Action<ComparisonRun>? progress, CancellationToken cancel)
    {
        var table = await ComparedTable.Read(run.Mapping, newDatabase, oldDatabase, cancel);
        await store.ForgetFrom(run.Id, run.NextKey, cancel);
        if (run.Expected is null)
        {
            await store.Expect(run.Id, await table.Old.Estimate(run.Load, cancel), cancel);
        }

        var comparison = new ChunkComparison(table, new SecondLook(table, newDatabase, oldDatabase, time), run.Load, time, Size);
        await foreach (var step in comparison.Run(run.NextKey, found => store.Add(run.Id, found, cancel), cancel))
        {
            var goesOn = await store.Save(run.Id, step, cancel);
            if (progress is not null && await store.Read(run.Id, cancel) is { } now)
            {
                progress(now);
            }

            if (!goesOn)
            {
                return;
            }
        }
    }

    private async Task WatchState(long id, CancellationTokenSource interrupted)
    {
        using var timer = new PeriodicTimer(Watch, time);
        try
        {
            while (await timer.WaitForNextTickAsync(interrupted.Token))
            {
                if (await store.Read(id, interrupted.Token) is not { State: ComparisonState.Running })
                {
                    await interrupted.CancelAsync();
                }
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException || TroubleReader.IsOfDatabase(ended))
        {
            // The work is done, or notices by itself that the database is away.
        }
    }
}
