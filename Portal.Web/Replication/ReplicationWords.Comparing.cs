using NodaTime;
using Portal.Data.Replication.Comparing;

namespace Portal.Web.Replication;

// Comparisons and repairs.
internal static partial class ReplicationWords
{
    /// <summary>How far a comparison is, in one line.</summary>
    public static string Progress(ComparisonRun run) => string.Join(", ", new[]
    {
        run.Done is { } done ? $"{Percent(done)}" : null,
        run.Expected is { } expected && !run.IsOver ? $"{Number(run.Compared)} of about {Rows(expected)}" : $"{Rows(run.Compared)} compared",
        run.RowsPerSecond is { } speed ? $"{Number((long)speed)} rows/s" : null,
        run.Left is { } left ? $"{Long(Duration.FromTimeSpan(left))} left" : null,
        run.Differences > 0 ? $"{Number(run.Differences)} different" : null,
    }.Where(part => part is not null));

    /// <summary>A part of a whole, 0 to 1.</summary>
    public static string Percent(double part) => string.Create(English, $"{Math.Floor(part * 100):0} %");

    public static string Name(DifferenceCause cause) => cause switch
    {
        DifferenceCause.Queued => "Waits for delivery",
        DifferenceCause.SetAside => "Refused by the old database",
        DifferenceCause.WrittenByOther => "Written by somebody else",
        DifferenceCause.TriggerOff => "A trigger does not fire",
        _ => "Not known",
    };
}
