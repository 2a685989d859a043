namespace Portal.Data.Replication;

/// <summary>What kept an answer from being given.</summary>
public enum TroubleKind
{
    /// <summary>The caller is not an admin.</summary>
    NotAllowed,

    /// <summary>The new database did not do its part.</summary>
    NewDatabase,

    /// <summary>The old database, or the way to it, did not do its part.</summary>
    OldDatabase,

    /// <summary>The old database was retired, which is as it should be.</summary>
    Retired,
}

/// <summary>Something that went wrong, for a person to read: never an exception's text, never SQL.</summary>
/// <param name="Kind">Where it went wrong.</param>
/// <param name="Summary">What is the matter, one sentence.</param>
/// <param name="Check">What to look at next, one sentence.</param>
/// <param name="Code">The SQLSTATE to look up, where there is one.</param>
public sealed record Trouble(TroubleKind Kind, string Summary, string Check, string? Code = null)
{
    /// <summary>What was done before it went wrong, one sentence; null: nothing.</summary>
    public string? Done { get; init; }

    /// <summary>Whether what was asked for may have been done all the same: no answer came, not even that it failed.</summary>
    public bool MayBeDone { get; init; }

    public static Trouble NotAllowed { get; } = new(
        TroubleKind.NotAllowed,
        "Only an admin may see the replication.",
        "Sign in with an admin's account.");

    public static Trouble NewDatabaseAway { get; } = new(
        TroubleKind.NewDatabase,
        "The new database cannot be reached.",
        "Check that its server runs, and the setting ConnectionStrings:New.");
}
