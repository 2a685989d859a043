using NodaTime;

namespace Portal.Data.Replication.Comparing;

/// <summary>Where a comparison was asked for.</summary>
public enum ComparisonOrigin
{
    /// <summary>On the page.</summary>
    Asked,

    /// <summary>On the command line.</summary>
    Command,

    /// <summary>Its time had come.</summary>
    Schedule,
}

/// <summary>How a comparison stands.</summary>
public enum ComparisonState
{
    Running,
    Paused,
    Stopped,
    Finished,
    Failed,
}

/// <summary>A comparison of a whole table, over or under way.</summary>
/// <param name="Account">Who asked for it.</param>
/// <param name="Expected">Rows there will be to compare; null before it is known.</param>
/// <param name="NextKey">It goes on with this key; null at the beginning.</param>
/// <param name="Compared">Rows compared: keys that either side has.</param>
/// <param name="Worked">How long it was worked on, rests left out.</param>
/// <param name="Opened">Chunks whose hashes differed, of all <paramref name="Chunks"/>.</param>
/// <param name="LeftOut">Rows that differ because they were not taken over from the old table; they count as no differences.</param>
/// <param name="Passing">Rows that differed at the first look only, because they were just being written.</param>
/// <param name="Problem">Why it failed, or cannot go on at the moment.</param>
public sealed record ComparisonRun(
    long Id,
    string Mapping,
    string Account,
    ComparisonOrigin Origin,
    ComparisonState State,
    Instant StartedAt,
    Instant? FinishedAt,
    ComparisonLoad Load,
    long? Expected,
    long? NextKey,
    long Compared,
    TimeSpan Worked,
    long Chunks,
    long Opened,
    long Missing,
    long Extra,
    long Different,
    long LeftOut,
    long Passing,
    string? Problem)
{
    public bool IsOver => State is not (ComparisonState.Running or ComparisonState.Paused);

    public long Differences => Missing + Extra + Different;

    /// <summary>The part that is done, 0 to 1; null as long as nobody knows. Full only when it is finished.</summary>
    public double? Done => this switch
    {
        { State: ComparisonState.Finished } => 1,
        { Expected: > 0 and var expected } => Math.Min(0.99, (double)Compared / expected),
        _ => null,
    };

    /// <summary>Rows compared in a second of work.</summary>
    public double? RowsPerSecond => Worked > TimeSpan.Zero && Compared > 0 ? Compared / Worked.TotalSeconds : null;

    /// <summary>How long it will take still, rests included.</summary>
    public TimeSpan? Left => RowsPerSecond is { } speed && Expected is { } expected && !IsOver
        ? TimeSpan.FromSeconds(Math.Max(0, expected - Compared) / speed / Load.MaxShare)
        : null;
}
