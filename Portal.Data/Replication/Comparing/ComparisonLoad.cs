namespace Portal.Data.Replication.Comparing;

/// <summary>How much a comparison may ask of the databases.</summary>
/// <param name="MaxShare">Part of the time in which it may work, up to 1. Below 1 the databases use one process each for it.</param>
/// <param name="Timeout">A statement that takes longer is given up and made for fewer rows.</param>
public sealed record ComparisonLoad(double MaxShare, TimeSpan Timeout)
{
    public static ComparisonLoad Full { get; } = new(1, TimeSpan.FromSeconds(60));

    /// <summary>How long to rest after so much work.</summary>
    internal TimeSpan RestAfter(TimeSpan work) => work * ((1 - MaxShare) / MaxShare);

    /// <summary>How long one statement should take, so that there is something to tell and to stop, and no rest of minutes.</summary>
    internal TimeSpan Step => MaxShare < 1 ? TimeSpan.FromSeconds(Math.Max(0.2, MaxShare)) : TimeSpan.FromSeconds(5);
}
