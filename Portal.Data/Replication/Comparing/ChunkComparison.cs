using System.Runtime.CompilerServices;
using Npgsql;

namespace Portal.Data.Replication.Comparing;

/// <summary>How far a comparison came with one step.</summary>
/// <param name="Next">It goes on with this key; null at the end.</param>
/// <param name="Compared">Rows compared: keys that either side has.</param>
/// <param name="Chunks">Chunks whose hashes were compared.</param>
/// <param name="Opened">Those whose hashes differed.</param>
/// <param name="Passing">Rows that differed at the first look only.</param>
internal sealed record ComparedStep(long? Next, long Compared, int Chunks, int Opened, long Passing, TimeSpan Worked);

/// <summary>How the rows are cut up.</summary>
/// <param name="Rows">Rows of a chunk.</param>
/// <param name="First">Chunks of the first step; later ones take about the same time.</param>
internal sealed record ChunkSize(int Rows, int First);

/// <summary>
/// Compares all rows of an old table with what the mapping shows. Each side hashes its rows by chunks, both at once; of chunks
/// that differ the hashes of the rows are read; and of rows that differ the rows themselves, under their keys' locks.
/// </summary>
/// <param name="size">Other than usual, for fewer rows.</param>
internal sealed class ChunkComparison(ComparedTable table, SecondLook secondLook, ComparisonLoad load, TimeProvider time, ChunkSize? size = null)
{
    private readonly ChunkSize size = size ?? new(1_000, load.MaxShare < 1 ? 20 : 1_000);

    // Differing neighbours are opened together, as long as the hashes of their rows stay few.
    private const int OpenedRows = 10_000;

    /// <summary>Compares step by step; the differences of a step are handed out before it is returned.</summary>
    /// <param name="from">The key to begin with; null for the first.</param>
    public async IAsyncEnumerable<ComparedStep> Run(
        long? from, Func<IReadOnlyList<FoundDifference>, Task> found, [EnumeratorCancellation] CancellationToken cancel)
    {
        var chunks = size.First;
        var dense = await DenseKeys.Find(table, size.Rows, load, cancel);
        while (true)
        {
            var start = time.GetTimestamp();
            var cut = dense?.Cut(from, chunks) ?? await CutAtKeys(from, chunks, cancel);
            if (await Hashes(cut, cancel) is not var (newHashes, oldHashes))
            {
                chunks = Math.Max(1, Math.Min(chunks, cut.Chunks) / 4);
                await Task.Delay(load.RestAfter(time.GetElapsedTime(start)), time, cancel);
                continue;
            }

            var looked = secondLook.Begin(found);
            var opened = 0;
            foreach (var (first, last) in Differing(newHashes, oldHashes, cut.Chunks))
            {
                opened += last - first + 1;
                await Open(cut.Of(first, last), Math.Max(Rows(newHashes, first, last), Rows(oldHashes, first, last)), looked, cancel);
            }

            await looked.End(cancel);
            var worked = time.GetElapsedTime(start);
            yield return new(cut.Range.To, newHashes.Values.Sum(h => h.Rows) + looked.Extra, cut.Chunks, opened, looked.Passing, worked);
            if (cut.Range.To is null)
            {
                yield break;
            }

            from = cut.Range.To;
            // As many as take the time of a step, with some inertia.
            chunks = (int)Math.Clamp(chunks * (load.Step / worked), Math.Max(1, chunks / 4), Math.Min(20_000, chunks * 4));
            await Task.Delay(load.RestAfter(worked), time, cancel);
        }
    }

    private async Task<Cut> CutAtKeys(long? from, int chunks, CancellationToken cancel)
    {
        var boundaries = await table.Old.Boundaries(new(from, null), size.Rows, chunks, load, cancel);
        return boundaries.Length == chunks ? new CutAtKeys(new(from, boundaries[^1]), boundaries[..^1]) : new CutAtKeys(new(from, null), boundaries);
    }

    /// <returns>The hashes of both sides; null when they take too long for so many chunks.</returns>
    private async Task<(Dictionary<int, ChunkHash> New, Dictionary<int, ChunkHash> Old)?> Hashes(Cut cut, CancellationToken cancel)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var newHashes = table.New.Hashes(cut, load, both.Token);
        var oldHashes = table.Old.Hashes(cut, load, both.Token);
        try
        {
            await await Task.WhenAny(newHashes, oldHashes);
            return (await newHashes, await oldHashes);
        }
        catch (Exception failure)
        {
            // What the other side is still at is not needed any more.
            await both.CancelAsync();
            await Task.WhenAll(newHashes, oldHashes).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            cancel.ThrowIfCancellationRequested();
            if (cut.Chunks > 1 && IsTimeout(failure))
            {
                return null;
            }

            throw;
        }
    }

    // Neighbours are put together.
    private static IEnumerable<(int First, int Last)> Differing(
        Dictionary<int, ChunkHash> newHashes, Dictionary<int, ChunkHash> oldHashes, int chunks)
    {
        (int First, int Last)? together = null;
        var rows = 0L;
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            var (one, other) = (newHashes.GetValueOrDefault(chunk, ChunkHash.None), oldHashes.GetValueOrDefault(chunk, ChunkHash.None));
            var more = Math.Max(one.Rows, other.Rows);
            if (together is { } ready && (one == other || rows + more > OpenedRows))
            {
                yield return ready;
                together = null;
            }

            if (one != other)
            {
                (together, rows) = together is { } begun ? ((begun.First, chunk), rows + more) : ((chunk, chunk), more);
            }
        }

        if (together is { } rest)
        {
            yield return rest;
        }
    }

    private async Task Open(KeyRange range, long rows, SecondLook.Round looked, CancellationToken cancel)
    {
        if (rows > 2 * OpenedRows)
        {
            // Only one side can have so many: the boundaries came from the other.
            var inner = await table.New.Split(range, OpenedRows, load, cancel);
            for (var i = 0; i <= inner.Length; i++)
            {
                await Open(new(i == 0 ? range.From : inner[i - 1], i == inner.Length ? range.To : inner[i]), OpenedRows, looked, cancel);
            }

            return;
        }

        var reading = table.Old.RowHashes(range, load, cancel);
        var newRows = await table.New.RowHashes(range, load, cancel);
        var oldRows = await reading;
        foreach (var (key, hash) in newRows)
        {
            if (!oldRows.Remove(key, out var old))
            {
                await looked.Add(key, Difference.Missing, cancel);
            }
            else if (old != hash)
            {
                await looked.Add(key, Difference.Different, cancel);
            }
        }

        foreach (var key in oldRows.Keys)
        {
            await looked.Add(key, Difference.Extra, cancel);
        }
    }

    private static long Rows(Dictionary<int, ChunkHash> hashes, int first, int last) =>
        Enumerable.Range(first, last - first + 1).Sum(chunk => hashes.GetValueOrDefault(chunk, ChunkHash.None).Rows);

    private static bool IsTimeout(Exception failure) =>
        (failure is OldDatabaseException ? failure.InnerException : failure) is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled };
}
