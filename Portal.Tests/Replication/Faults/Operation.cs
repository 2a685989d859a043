namespace Portal.Tests.Replication.Faults;

internal enum Finish
{
    Commit,
    Rollback,

    /// <summary>By a statement that fails.</summary>
    Fail,
}

/// <summary>One statement. It returns the keys of the rows it changed.</summary>
/// <param name="From">Lowest key that it may change.</param>
/// <param name="To">Highest key.</param>
/// <param name="Values">What it writes for each of them; a value that is unique tells who wrote it.</param>
internal sealed record Step(int From, int To, string Sql, Func<long, IEnumerable<(string Column, string Value, bool IsUnique)>> Values)
{
    /// <summary>Rolled back to a savepoint before it.</summary>
    public bool IsUndone { get; init; }

    /// <summary>Followed by SET CONSTRAINTS ALL IMMEDIATE.</summary>
    public bool IsFlushed { get; init; }

    /// <summary>What it writes for one row.</summary>
    public IEnumerable<Write> Of(long id, long invoked, Ending ending) =>
        Values(id).Select(v => new Write(new Cell(v.Column, id), v.Value, invoked, v.IsUnique, ending));
}

/// <param name="Isolation">Null: a statement alone, without a transaction around it.</param>
/// <param name="ReconnectsFirst">It comes in a session of its own, which is new to the old database too.</param>
internal sealed record Operation(string? Isolation, IReadOnlyList<Step> Steps, Finish Finish, bool ReconnectsFirst);
