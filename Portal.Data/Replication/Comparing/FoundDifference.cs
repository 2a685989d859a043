using NodaTime;

namespace Portal.Data.Replication.Comparing;

/// <summary>Why a row probably differs.</summary>
public enum DifferenceCause
{
    /// <summary>It waits in the outbox.</summary>
    Queued,

    /// <summary>The old table refuses it.</summary>
    SetAside,

    /// <summary>Somebody else than the replication wrote it in the old database.</summary>
    WrittenByOther,

    /// <summary>A trigger that should have passed it on does not fire, or did not at some time since all rows were equal.</summary>
    TriggerOff,

    /// <summary>It was not taken over from the old table, and stays there as it is.</summary>
    LeftOut,

    /// <summary>Nothing that is known explains it.</summary>
    Unknown,
}

/// <summary>A value on both sides as PostgreSQL writes it; null is null, or no row there.</summary>
public sealed record FoundCell(string Column, string? New, string? Old);

/// <summary>A row that differs, also when looked at again under its key's lock.</summary>
/// <param name="Kind">Missing, extra or different.</param>
/// <param name="Cells">The columns that differ; of a missing or extra row all of them.</param>
/// <param name="FoundAt">When.</param>
/// <param name="WaitsSince">Since when it has been waiting for delivery, as long as it does.</param>
public sealed record FoundDifference(
    long Key, Difference Kind, DifferenceCause Cause, IReadOnlyList<FoundCell> Cells, Instant FoundAt, Instant? WaitsSince = null);
