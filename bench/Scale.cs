namespace Portal.Bench;

/// <summary>How much of everything is measured.</summary>
/// <param name="Rounds">How often each variant is measured, in turns; medians are shown.</param>
/// <param name="BulkRows">Rows of one statement.</param>
/// <param name="Seconds">How long clients work in one round.</param>
/// <param name="OutagePairs">Pairs of transactions in one round while the old database is down.</param>
/// <param name="DrainKeys">Keys that wait when the outbox is emptied.</param>
/// <param name="BigRows">Rows of the one big transaction.</param>
/// <param name="CompareRows">Rows that are compared.</param>
/// <param name="BackfillRows">Rows of the old database that are taken over.</param>
/// <param name="JudgesSpeed">Whether it is enough to say that a target of speed was met or missed.</param>
/// <param name="LargeRows">Rows that are compared in the end, to see how that grows; 0: not.</param>
internal sealed record Scale(int Rounds, int BulkRows, double Seconds, int OutagePairs, int DrainKeys, int BigRows, int CompareRows, int BackfillRows, bool JudgesSpeed, int LargeRows = 0)
{
    public static Scale Full { get; } = new(5, 20_000, 6, 2000, 100_000, 1_000_000, 1_000_000, 1_000_000, JudgesSpeed: true);

    /// <summary>Seconds instead of minutes: shows that everything works, not how fast it is.</summary>
    public static Scale Quick { get; } = new(1, 1000, 1, 50, 2000, 10_000, 20_000, 20_000, JudgesSpeed: false);
}
