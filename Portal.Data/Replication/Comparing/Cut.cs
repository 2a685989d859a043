using System.Globalization;

namespace Portal.Data.Replication.Comparing;

/// <summary>The rows of a step, cut into chunks.</summary>
/// <param name="Range">The keys of the step. Its end is where the next one begins; null: there is none.</param>
/// <param name="Chunks">How many chunks, numbered from 0.</param>
internal abstract record Cut(KeyRange Range, int Chunks)
{
    /// <summary>The number of the chunk that a row of table <c>t</c> is in.</summary>
    public abstract string Number(string key);

    /// <summary>The keys of these chunks.</summary>
    public KeyRange Of(int first, int last) => new(first == 0 ? Range.From : Begin(first), last == Chunks - 1 ? Range.To : Begin(last + 1));

    protected abstract long Begin(int chunk);

    protected static string Sql(FormattableString sql) => sql.ToString(CultureInfo.InvariantCulture);
}

/// <summary>At keys that were looked for, so that each chunk has as many rows.</summary>
/// <param name="Boundaries">The first keys of the chunks after the first one.</param>
internal sealed record CutAtKeys(KeyRange Range, long[] Boundaries) : Cut(Range, Boundaries.Length + 1)
{
    public override string Number(string key) => Sql($"width_bucket(t.{key}, '{{{string.Join(',', Boundaries)}}}'::bigint[])");

    protected override long Begin(int chunk) => Boundaries[chunk - 1];
}

/// <summary>Every so many keys, which needs no looking for them; each chunk has as many rows at most.</summary>
/// <param name="First">Where the first chunk begins; where the range has no begin, also what is before it is in it.</param>
internal sealed record EvenCut(KeyRange Range, int Chunks, long First, long Width) : Cut(Range, Chunks)
{
    public override string Number(string key) => (Range.From, Range.To) is ({ }, { })
        ? Sql($"((t.{key} - {First}) / {Width})::integer")
        : Sql($"((least(greatest(t.{key}, {First}), {First + (Chunks * Width) - 1}) - {First}) / {Width})::integer");

    protected override long Begin(int chunk) => First + (chunk * Width);
}

/// <summary>Keys that are so dense that they can be cut evenly.</summary>
/// <param name="First">The first of either side.</param>
/// <param name="Last">The last of either side.</param>
/// <param name="Width">Keys of a chunk.</param>
internal sealed record DenseKeys(long First, long Last, long Width)
{
    // Of four keys one is there, on average. Where all four are, chunks are four times as large.
    private const int Sparsest = 4;

    /// <returns>Null if they are sparse.</returns>
    public static async Task<DenseKeys?> Find(ComparedTable table, int rows, ComparisonLoad load, CancellationToken cancel)
    {
        var (ofNew, ofOld, estimate) = (table.New.Ends(load, cancel), table.Old.Ends(load, cancel), table.Old.Estimate(load, cancel));
        await Task.WhenAll(ofNew, ofOld, estimate);
        if (await ofNew is not { } one || await ofOld is not { } other)
        {
            return null;
        }

        var (first, last) = (Math.Min(one.First, other.First), Math.Max(one.Last, other.Last));
        var keysOfRow = ((decimal)last - first + 1) / Math.Max(1, await estimate);
        // The last chunk may reach beyond the last key.
        return keysOfRow <= Sparsest && last < long.MaxValue / 2 ? new(first, last, Math.Max(1, (long)(keysOfRow * rows))) : null;
    }

    /// <param name="from">Where the step begins; null at the first key.</param>
    /// <param name="most">Chunks at most.</param>
    public EvenCut Cut(long? from, int most)
    {
        var first = Math.Max(from ?? First, First);
        var left = (Last - first + Width) / Width;
        return left <= most
            ? new(new(from, null), Math.Max(1, (int)left), first, Width)
            : new(new(from, first + (most * Width)), most, first, Width);
    }
}
