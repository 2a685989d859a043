using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Portal.Data.Replication;

namespace Portal.Web.Replication;

/// <summary>How the state of the replication is said, on the pages and on the command line.</summary>
internal static partial class ReplicationWords
{
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    /// <summary>The answer in one sentence, or two.</summary>
    public static string Sentence(ReplicationReport report) => report switch
    {
        { Outbox.RetiredAt: { } at } => $"Retired on {At(at)}: nothing is written to the old database any more.",
        { Old.Trouble: { } trouble } => $"{trouble.Summary}{Kept(report)}",
        { State: ReplicationState.TakingOver } =>
            "The old database is still the one that is right: its rows are taken over, and nothing is written to it.",
        { ComparisonTrouble: { } trouble } => $"The rows could not be compared. {trouble.Summary}{Kept(report)}",
        { Newest: null, Outbox.VerifiedDifferences: > 0 and var found } =>
            $"All rows are being compared for the first time since the portal was started. When they were last checked one by one, {Rows(found)} differed.",
        { Newest: null } => "All rows are being compared for the first time since the portal was started.",
        { State: ReplicationState.AtRisk } => $"At risk: {Compared(report.Newest)}, but {Risk(report)}.",
        { State: ReplicationState.CatchingUp, Outbox.Mode: ReplicationMode.Paused } =>
            $"Paused: {Compared(report.Newest)}; {Wait(report.Outbox.OutboxKeys)}. Users' changes are kept and will be delivered once it is resumed.",
        { State: ReplicationState.CatchingUp, Outbox.OutboxKeys: > 0 } =>
            $"Catching up: {Compared(report.Newest)}; {Wait(report.Outbox.OutboxKeys)}. Users' changes are kept and will be delivered.",
        { State: ReplicationState.CatchingUp } =>
            $"Catching up: {Compared(report.Newest)}. Users' changes are kept and will be delivered.",
        { State: ReplicationState.OutOfStep, Outbox.SetAside: > 0 } =>
            $"{Sentence(report.Newest)} The old database refuses {Rows(report.Outbox.SetAside)}; what it refuses is kept and tried again.",
        { State: ReplicationState.InStep, Outbox.VisibleAfter: { } visible } =>
            $"In step: {Compared(report.Newest)}, newest change visible in the old database after {Milliseconds(visible)}.",
        _ => Sentence(report.Newest),
    };

    private static string Kept(ReplicationReport report) => report switch
    {
        { KeepsEveryChange: false } => "",
        { Outbox.Mode: ReplicationMode.Paused } => " Users' changes are kept; delivery is paused.",
        _ => " Users' changes are kept and will be delivered when it is back.",
    };

    /// <summary>What a comparison found, in one sentence.</summary>
    public static string Sentence(ComparisonSummary summary) =>
        $"{(summary.Differences == 0 ? "In step" : "Out of step")}: {Compared(summary)}.";

    private static string Compared(ComparisonSummary summary) =>
        $"{Rows(summary.Compared)} compared, {Number(summary.Differences)} different";

    /// <summary>The differences by kind, those there are.</summary>
    public static string Differences(ComparisonSummary summary) => string.Join(", ",
        new[]
        {
            (Count: summary.Missing, Text: "missing in the old database"),
            (Count: summary.Extra, Text: "only in the old database"),
            (Count: summary.Different, Text: "in both with different values"),
        }.Where(d => d.Count > 0).Select(d => $"{Number(d.Count)} {d.Text}"));

    public static string State(TriggerState state) => state switch
    {
        TriggerState.Origin => "On",
        TriggerState.Always => "On, always",
        TriggerState.Replica => "Replica only",
        TriggerState.Disabled => "Disabled",
        _ => "Missing",
    };

    public static string Name(Difference difference) => difference switch
    {
        Difference.Missing => "Missing in old",
        Difference.Extra => "Only in old",
        Difference.Different => "Different",
        _ => "Same",
    };

    public static string Rows(long count) => count == 1 ? "1 row" : $"{Number(count)} rows";

    public static string Number(long number) => number.ToString("N0", English);

    public static string Milliseconds(TimeSpan span) => span.TotalMilliseconds switch
    {
        < 10 => span.TotalMilliseconds.ToString("0.0 'ms'", English),
        < 1000 => span.TotalMilliseconds.ToString("0 'ms'", English),
        _ => span.TotalSeconds.ToString("0.0 's'", English),
    };

    public static string Changes(long count) => count == 1 ? "1 change" : $"{Number(count)} changes";

    public static string Wait(long count) => count == 1 ? "1 change waits" : $"{Number(count)} changes wait";

    /// <summary>How much was done in each second.</summary>
    public static string Of(Rates rates) =>
        $"{(rates.Written is { } written ? $"{written.ToString("N0", English)} rows/s" : "unknown how many rows/s")} written in the old database, "
        + $"{rates.Changed.ToString("N0", English)} rows/s changed";

#pragma warning disable CA1308 // Written small in running text, as the database and the commands have it.
    public static string Of(ReplicationMode mode) => mode.ToString().ToLowerInvariant();
#pragma warning restore CA1308

    public static string Name(ReplicationMode mode) => mode switch
    {
        ReplicationMode.Queued => "Queued",
        ReplicationMode.Paused => "Paused",
        _ => "Synchronous",
    };

    public static string Meaning(ReplicationMode mode) => mode switch
    {
        ReplicationMode.Queued => "changes are kept first and delivered within a second or so",
        ReplicationMode.Paused => "changes are kept, none is delivered",
        _ => "changes are delivered at commit",
    };

    /// <summary>What is asked before a mode is switched on, what will happen, and the word for going ahead.</summary>
    public static (string Question, string Consequence, string Yes) Switching(ReplicationMode mode) => mode switch
    {
        ReplicationMode.Queued => (
            "Queue all changes?",
            "The old database will follow within a second or so instead of at each commit. Users notice nothing. Your name goes into the audit log.",
            "Queue"),
        ReplicationMode.Paused => (
            "Pause delivery?",
            "The old database will stay as it is now until you resume. Users go on working; all their changes are kept and delivered afterwards. Your name goes into the audit log.",
            "Pause"),
        _ => (
            "Deliver at each commit?",
            "What waits is delivered now, and from now on each change reaches the old database in the same commit. Users go on working. Your name goes into the audit log.",
            "Deliver"),
    };

    /// <summary>A refused row and what will become of it. The message is in the old database's words: for admins only.</summary>
    public static string Refusal(SetAsideRow row) =>
        $"{row.Mapping} {Whole(row.Key)}: {row.Message.ReplaceLineEndings(" ")} ({row.Code}), {Attempts(row.Attempts)}, next at {At(row.NextAttemptAt)}";

    public static string Attempts(int count) => count == 1 ? "1 attempt" : $"{Number(count)} attempts";

    /// <summary>A key, which is no quantity and has no separators.</summary>
    public static string Whole(long key) => key.ToString(CultureInfo.InvariantCulture);

    /// <summary>Date and time, UTC.</summary>
    public static string At(Instant instant) => InstantPattern.CreateWithInvariantCulture("d MMM yyyy HH:mm:ss 'UTC'").Format(instant);

    /// <summary>A length of time, roughly.</summary>
    public static string Long(Duration span) => span.TotalSeconds switch
    {
        < 1 => "less than a second",
        < 90 => string.Create(English, $"{span.TotalSeconds:0} s"),
        < 5400 => string.Create(English, $"{span.TotalMinutes:0} min"),
        _ => string.Create(English, $"{span.TotalHours:0} h"),
    };

    /// <summary>How long ago something was.</summary>
    public static string Ago(Instant then, Instant now) => (now - then).TotalSeconds switch
    {
        < 2 => "just now",
        < 90 => string.Create(English, $"{(now - then).TotalSeconds:0} seconds ago"),
        < 5400 => string.Create(English, $"{(now - then).TotalMinutes:0} minutes ago"),
        _ => string.Create(English, $"{(now - then).TotalHours:0} hours ago"),
    };

    /// <summary>What to say when something was asked for and trouble came back.</summary>
    /// <param name="trouble">What came back.</param>
    /// <param name="notDone">What that means if nothing was done.</param>
    public static string Failed(Trouble trouble, string notDone = "Nothing was changed.") => $"{Outcome(trouble, notDone)} {trouble.Summary} {trouble.Check}";

    /// <summary>What became of what was asked for when trouble came back.</summary>
    public static string Outcome(Trouble trouble, string notDone) =>
        trouble.Done ?? (trouble.MayBeDone ? "It may have been done all the same: look again before you repeat it." : notDone);

    /// <summary>What is the matter and what to look at, after what was done, if anything.</summary>
    public static string Said(Trouble trouble) => $"{trouble.Done} {trouble.Summary} {trouble.Check}".TrimStart();

    private static string Risk(ReplicationReport report)
    {
        var (silent, faulty) = (report.Triggers.Silent.Count(), report.Triggers.Faulty.Count());
        return (silent, faulty) switch
        {
            (0, 0) => $"the old database refuses {Rows(report.Outbox.SetAside)}",
            (0, 1) => "1 trigger was changed",
            (0, _) => $"{Number(faulty)} triggers were changed",
            (1, _) => "1 trigger does not fire",
            _ => $"{Number(silent)} triggers do not fire",
        };
    }
}
