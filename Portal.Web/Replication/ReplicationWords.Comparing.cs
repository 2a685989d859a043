using NodaTime;
using Portal.Data.Replication;
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
        // Rests included, as in what is left.
        run.RowsPerSecond is { } speed ? $"{Number((long)(speed * run.Load.MaxShare))} rows/s" : null,
        run.Left is { } left ? $"{Long(Duration.FromTimeSpan(left))} left" : null,
        run.Differences > 0 ? $"{Number(run.Differences)} different" : null,
    }.Where(part => part is not null));

    /// <summary>What a comparison has found so far, in a sentence or two.</summary>
    public static string Found(ComparisonRun run)
    {
        var differences = run.Differences == 0 ? "none different" : Differences(ComparisonSummary.Of(run));
        var leftOut = run.LeftOut == 0 ? "" : $" {Rows(run.LeftOut)} {(run.LeftOut == 1 ? "was" : "were")} not taken over from the old table and stay{(run.LeftOut == 1 ? "s" : "")} there as {(run.LeftOut == 1 ? "it is" : "they are")}.";
        var passing = run.Passing == 0 ? "" : $" {Rows(run.Passing)} differed at the first look only, because {(run.Passing == 1 ? "it was" : "they were")} just being written.";
        return $"{(run.IsOver ? "" : "So far: ")}{Rows(run.Compared)} compared, {differences}.{leftOut}{passing}{(run.Problem is { } problem ? $" {problem}" : "")}";
    }

    /// <summary>How a comparison stands, in a few words.</summary>
    public static string Result(ComparisonRun run) => run.State switch
    {
        ComparisonState.Running => "Under way",
        ComparisonState.Paused => "Paused",
        ComparisonState.Failed => "Failed",
        ComparisonState.Stopped => $"Stopped, {Number(run.Differences)} different",
        _ => run.Differences == 0 ? "None different" : $"{Number(run.Differences)} different",
    };

    /// <summary>What pressing a button has done.</summary>
    public static string Switched(ComparisonRun run) => run.State switch
    {
        ComparisonState.Paused => $"Comparison {run.Id} is paused. It goes on where it is, also after a restart.",
        ComparisonState.Stopped => $"Comparison {run.Id} is stopped. What it found is kept.",
        ComparisonState.Running => $"Comparison {run.Id} goes on.",
        _ => $"Comparison {run.Id} was over already.",
    };

    /// <summary>How much a comparison may ask of the databases.</summary>
    public static string Load(double share) => share >= 1 ? "As fast as it can" : $"{Percent(share)} of the time";

    /// <summary>How long a statement of a comparison may take.</summary>
    public static string AtMost(TimeSpan time) => time < TimeSpan.FromMinutes(1) ? $"{time.TotalSeconds:0} seconds" : time.TotalMinutes == 1 ? "1 minute" : $"{time.TotalMinutes:0} minutes";

    /// <summary>A part of a whole, 0 to 1.</summary>
    public static string Percent(double part) => string.Create(English, $"{Math.Floor((part * 100) + 0.001):0} %");

    /// <summary>How far a repair is, in one line.</summary>
    public static string Progress(Repair repair) => $"{Number(repair.Done)} of {Rows(repair.Rows)}";

    /// <summary>What a repair has come to.</summary>
    public static string Sentence(Repair repair)
    {
        var parts = string.Join(", ", new[]
        {
            (repair.Count(RepairOutcome.Repaired), "repaired"),
            (repair.Count(RepairOutcome.Same), "equal already"),
            (repair.Count(RepairOutcome.Waiting), "waiting for delivery"),
            (repair.Count(RepairOutcome.Refused), "refused by the old database"),
            (repair.Count(RepairOutcome.Kept), "left as they are, because somebody else wrote them or they were never taken over"),
            (repair.Rows - repair.Done, "not done"),
        }.Where(p => p.Item1 > 0).Select(p => $"{Number(p.Item1)} {p.Item2}"));
        return $"{Rows(repair.Rows)}: {(parts.Length == 0 ? "nothing to do" : parts)}.";
    }

    /// <summary>What a dry run has shown.</summary>
    public static string Sentence(RepairPreview preview, bool overwrite = false) => string.Join(" ", new[]
    {
        (preview.Changes, preview.Writes(overwrite)) switch
        {
            (0, _) => $"Nothing would change: {Rows(preview.Looked)} looked at, {(preview.LeftOut == 0 ? "all" : "the others")} equal.",
            (_, 0) => preview.Looked < preview.Total ? "Nothing of what was looked at would change." : "Nothing would change.",
            (_, var writes) => $"{Rows(writes)} would change.",
        },
        preview.LeftOut > 0 ? $"{Rows(preview.LeftOut)} {(preview.LeftOut == 1 ? "was" : "were")} not taken over from the old table and {(preview.LeftOut == 1 ? "is" : "are")} left as {(preview.LeftOut == 1 ? "it is" : "they are")}." : null,
        preview.Looked < preview.Total ? $"Looked at were the first {Number(preview.Looked)} of {Rows(preview.Total)}." : null,
        (preview.WrittenByOthers, overwrite) switch
        {
            (0, _) => null,
            (var count, true) => $"What somebody else has written in {Number(count)} of them in the old database is overwritten.",
            (1, _) => "1 row was written in the old database by somebody else; it is kept unless overwriting is asked for.",
            (var count, _) => $"{Rows(count)} were written in the old database by somebody else; they are kept unless overwriting is asked for.",
        },
    }.Where(s => s is not null));

    /// <summary>What a repair does to a row.</summary>
    public static string Repairing(Difference kind) => kind switch
    {
        Difference.Missing => "Added",
        Difference.Extra => "Deleted",
        _ => "Changed",
    };

    public static string Name(DifferenceCause cause) => cause switch
    {
        DifferenceCause.Queued => "Waits for delivery",
        DifferenceCause.SetAside => "Refused by the old database",
        DifferenceCause.WrittenByOther => "Written by somebody else",
        DifferenceCause.TriggerOff => "A trigger does not fire, or did not",
        DifferenceCause.LeftOut => "Not taken over from the old table",
        _ => "Not known",
    };
}
