using System.Collections.Concurrent;

namespace Portal.Tests.Replication.Faults;

/// <summary>A value that is written over and over, for example the rate of options 3.</summary>
internal readonly record struct Cell(string Column, long Id);

internal enum Outcome
{
    Refused,
    Unknown,
    Acknowledged,
}

/// <summary>What a transaction has come to, for all that it wrote. Times are ticks of one clock.</summary>
internal sealed class Ending
{
    public Outcome Outcome { get; set; }

    /// <summary>When it was over at the latest.</summary>
    public long At { get; set; }
}

/// <param name="Invoked">When its statement was sent.</param>
/// <param name="IsUnique">Nothing else ever writes this value.</param>
internal sealed record Write(Cell Cell, string Value, long Invoked, bool IsUnique, Ending Ending);

/// <summary>All writes of a run, and whether what is there in the end can come from them.</summary>
internal sealed class Histories
{
    private readonly ConcurrentQueue<Write> writes = [];

    public int Count => writes.Count;

    /// <summary>Notes what one transaction wrote: the last value for each cell.</summary>
    public void Add(IEnumerable<Write> ofTransaction)
    {
        foreach (var last in ofTransaction.GroupBy(w => w.Cell).Select(w => w.Last()))
        {
            writes.Enqueue(last);
        }
    }

    /// <summary>
    /// Writes of a cell follow one another, so the last one is one that was not refused, and none that was acknowledged
    /// began after its end. One whose outcome is unknown may be it or not, but then for all that its transaction wrote.
    /// </summary>
    /// <param name="now">The value of each cell; those of rows that are gone are missing.</param>
    public IEnumerable<string> Contradictions(IReadOnlyDictionary<Cell, string> now)
    {
        foreach (var seen in writes.Where(w => w.IsUnique && w.Ending.Outcome == Outcome.Unknown && now.GetValueOrDefault(w.Cell) == w.Value))
        {
            seen.Ending.Outcome = Outcome.Acknowledged;
        }

        foreach (var history in writes.GroupBy(w => w.Cell))
        {
            if (now.TryGetValue(history.Key, out var value) && Contradiction([.. history], value) is { } contradiction)
            {
                yield return $"{history.Key.Column} of {history.Key.Id} is {value}: {contradiction}";
            }
        }
    }

    private static string? Contradiction(Write[] history, string value)
    {
        var writers = history.Where(w => w.Value == value).ToArray();
        if (writers.Length == 0)
        {
            return "nobody wrote this";
        }

        if (writers.Where(w => w.Ending.Outcome != Outcome.Refused).Select(w => w.Ending.At).DefaultIfEmpty(long.MinValue).Max() is var ended
            && ended == long.MinValue)
        {
            return "this was refused";
        }

        return history.FirstOrDefault(w => w.Ending.Outcome == Outcome.Acknowledged && w.Invoked > ended) is { } lost
            ? $"{lost.Value}, written and acknowledged later, is lost"
            : null;
    }
}
