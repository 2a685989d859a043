using NodaTime;
using NodaTime.Extensions;
using Npgsql;
using NpgsqlTypes;

namespace Portal.Data.Replication.Comparing;

/// <summary>
/// Looks at rows that seemed to differ once more, under their keys' locks: nobody can be between writing one side and writing
/// the other. What still differs is a difference; what waits to be delivered gets a moment for it first.
/// </summary>
internal sealed class SecondLook(
    ComparedTable table, NpgsqlDataSource newDatabase, NpgsqlDataSource oldDatabase, TimeProvider time)
{
    // So few are looked at within some milliseconds, and writers wait no longer than that. Keys with the same last byte share a
    // lock: a batch takes few of those, too.
    private const int Batch = 500;
    private const int BatchLocks = 16;

    private const int Collected = 10_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>How often what waits for delivery is asked again.</summary>
    private const int Patience = 12;

    /// <summary>Beyond so many differences only their number is of interest, and they are counted as they seemed; null: no limit.</summary>
    public int? CountOnlyBeyond { get; init; }

    public Round Begin(Func<IReadOnlyList<FoundDifference>, Task> found) => new(this, found);

    /// <summary>The rows among these that differ, in order of key.</summary>
    public async Task<List<FoundDifference>> Look(IReadOnlyCollection<long> keys, CancellationToken cancel)
    {
        List<FoundDifference> found = [];
        foreach (var batch in keys.GroupBy(k => k & 255).Chunk(BatchLocks).SelectMany(few => few.SelectMany(k => k).Chunk(Batch)))
        {
            found.AddRange(await Busy.Retry(() => LookAtFew(batch, cancel), time, cancel));
        }

        var unexplained = found.Where(d => d.Cause is DifferenceCause.Unknown or DifferenceCause.TriggerOff).Select(d => d.Key).ToArray();
        var others = unexplained.Length == 0 ? [] : await WrittenByOthers(unexplained, cancel);
        return [.. found.Select(d => others.Contains(d.Key) ? d with { Cause = DifferenceCause.WrittenByOther } : d).OrderBy(d => d.Key)];
    }

    /// <summary>The keys among these that somebody else has written in the old database, as far as a guard there knows.</summary>
    public async Task<HashSet<long>> WrittenByOthers(IReadOnlyCollection<long> keys, CancellationToken cancel)
    {
        try
        {
            await using var command = oldDatabase.CreateCommand("select key from portal_replication.written_by_others($1, $2)");
            command.Parameters.Add(new() { Value = table.OldTable });
            command.Parameters.Add(new() { Value = keys.ToArray() });
            return [.. await command.Rows(r => r.GetInt64(0), cancel)];
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
        {
            throw new OldDatabaseException(failure);
        }
    }

    private async Task<List<FoundDifference>> LookAtFew(long[] keys, CancellationToken cancel)
    {
        await using var command = newDatabase.CreateCommand("select key, kind, cause, cells::text, waits_since from replication.look_again($1, $2)");
        command.Parameters.Add(new() { Value = table.Mapping });
        command.Parameters.Add(new() { Value = keys, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        var now = time.GetUtcNow().ToInstant();
        return await command.Rows(r => new FoundDifference(
            r.GetInt64(0), DifferenceWords.Kind(r.GetString(1)), DifferenceWords.Cause(r.GetString(2)), DifferenceWords.Cells(r.GetString(3), table.Columns), now,
            r.IsDBNull(4) ? null : r.GetFieldValue<Instant>(4)), cancel);
    }

    private Task Wait(CancellationToken cancel) => Task.Delay(Pause, time, cancel);

    private async Task<bool> IsDelivered(CancellationToken cancel)
    {
        await using var command = newDatabase.CreateCommand("select mode <> 'paused' and breaker = 'closed' from replication.control");
        return await command.ExecuteScalarAsync(cancel) is true;
    }

    /// <summary>The rows of one step.</summary>
    internal sealed class Round(SecondLook look, Func<IReadOnlyList<FoundDifference>, Task> found)
    {
        private readonly List<long> collected = [];
        private readonly Dictionary<long, Instant?> waiting = [];
        private long counted;

        /// <summary>Rows that were equal at the second look.</summary>
        public long Passing { get; private set; }

        /// <summary>Differences that only the old table has.</summary>
        public long Extra { get; private set; }

        public async Task Add(long key, Difference seeming, CancellationToken cancel)
        {
            if (look.CountOnlyBeyond is { } limit && counted + collected.Count >= limit)
            {
                await Report([new(key, seeming, DifferenceCause.Unknown, [], default)]);
                return;
            }

            collected.Add(key);
            if (collected.Count >= Collected)
            {
                await LookAtCollected(cancel);
            }
        }

        public async Task End(CancellationToken cancel)
        {
            await LookAtCollected(cancel);
            for (var tries = 1; waiting.Count > 0; tries++)
            {
                var isLast = tries > Patience || !await look.IsDelivered(cancel);
                if (!isLast)
                {
                    await look.Wait(cancel);
                }

                await Sort(isLast, [.. waiting.Keys], cancel);
            }
        }

        private Task LookAtCollected(CancellationToken cancel)
        {
            long[] keys = [.. collected];
            collected.Clear();
            // Of very many that wait, none is waited for.
            return Sort(waiting.Count > Collected, keys, cancel);
        }

        private async Task Sort(bool all, long[] keys, CancellationToken cancel)
        {
            if (keys.Length == 0)
            {
                return;
            }

            // What waited has been delivered, and something newer waits: a row that is written all the time.
            var differing = await look.Look(keys, cancel);
            differing.RemoveAll(d => d.Cause == DifferenceCause.Queued && waiting.TryGetValue(d.Key, out var since) && d.WaitsSince > since);
            Passing += keys.Length - differing.Count;
            foreach (var key in keys)
            {
                waiting.Remove(key);
            }

            foreach (var queued in all ? [] : differing.Where(d => d.Cause == DifferenceCause.Queued))
            {
                waiting.Add(queued.Key, queued.WaitsSince);
            }

            await Report([.. differing.Where(d => !waiting.ContainsKey(d.Key))]);
        }

        private async Task Report(List<FoundDifference> differences)
        {
            counted += differences.Count(d => d.Cause != DifferenceCause.LeftOut);
            Extra += differences.Count(d => d.Kind == Difference.Extra);
            if (differences.Count > 0)
            {
                await found(differences);
            }
        }
    }
}
