using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Comparing;

/// <summary>Goes through the rows of a repair that have no outcome yet, batch by batch.</summary>
public sealed class RepairRunner(
    RepairStore store,
    ReplicationOutbox outbox,
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    [FromKeyedServices(DatabaseNames.Old)] NpgsqlDataSource oldDatabase,
    TimeProvider time)
{
    private const int Batch = 1_000;

    private const string Lock = "replication.repair";

    /// <summary>Works until it is done or stopped.</summary>
    /// <returns>False when somebody else works on it.</returns>
    internal async Task<bool> Work(long id, Action<Repair>? progress, CancellationToken cancel)
    {
        await using var taken = await WorkLock.TryTake(newDatabase, Lock, id, cancel);
        if (taken is null)
        {
            return false;
        }

        if (await store.Read(id, cancel) is { IsOver: false } repair)
        {
            await store.Note(id, null, cancel);
            var table = await ComparedTable.Read(repair.Mapping, newDatabase, oldDatabase, cancel);
            var look = new SecondLook(table, newDatabase, oldDatabase, time);
            while (await store.Next(id, Batch, cancel) is { Count: > 0 } keys)
            {
                await Mend(repair, look, keys, cancel);
                if (progress is not null && await store.Read(id, cancel) is { } now)
                {
                    progress(now);
                }
            }

            await store.End(id, RepairState.Finished, repair.Account, cancel);
        }

        return true;
    }

    private async Task Mend(Repair repair, SecondLook look, List<long> keys, CancellationToken cancel)
    {
        var before = await look.Look(keys, cancel);
        var outcomes = keys.ToDictionary(k => k, _ => RepairOutcome.Same);
        foreach (var row in before)
        {
            outcomes[row.Key] = row.Cause switch
            {
                DifferenceCause.LeftOut => RepairOutcome.Kept,
                DifferenceCause.WrittenByOther when !repair.Overwrite => RepairOutcome.Kept,
                _ => RepairOutcome.Repaired,
            };
        }

        long[] toWrite = [.. outcomes.Where(o => o.Value == RepairOutcome.Repaired).Select(o => o.Key)];
        if (toWrite.Length > 0)
        {
            // Delivered at this commit, unless the link is down or delivery is queued or paused.
            await store.Queue(repair.Id, toWrite, cancel);
            foreach (var row in await Deliver(look, toWrite, cancel))
            {
                outcomes[row.Key] = row.Cause == DifferenceCause.Queued ? RepairOutcome.Waiting : RepairOutcome.Refused;
            }
        }

        await store.Done(repair.Id, outcomes, before.ToDictionary(d => d.Key, DifferenceWords.Cells), cancel);
    }

    /// <returns>The rows that differ afterwards.</returns>
    private async Task<List<FoundDifference>> Deliver(SecondLook look, long[] keys, CancellationToken cancel)
    {
        var left = await look.Look(keys, cancel);
        for (var tries = 0; tries < 10 && left.Any(d => d.Cause == DifferenceCause.Queued); tries++)
        {
            var state = await outbox.ReadAsync(cancel);
            if (state.BreakerOpen || state.Mode == ReplicationMode.Paused)
            {
                break;
            }

            try
            {
                await outbox.DrainAsync(10_000, cancel);
            }
            catch (PostgresException busy) when (ReplicationWorker.IsBusy(busy))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancel);
            }

            left = await look.Look([.. left.Select(d => d.Key)], cancel);
        }

        return left;
    }
}
