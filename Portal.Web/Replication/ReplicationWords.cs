using System.Globalization;
using NodaTime;
using Portal.Data.Replication;

namespace Portal.Web.Replication;

/// <summary>How the state of the replication is said, on the pages and on the command line.</summary>
internal static class ReplicationWords
{
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    /// <summary>The answer in one sentence.</summary>
    public static string Sentence(ReplicationReport report) => report switch
    {
        { Old.Trouble: { } trouble } => trouble.Summary,
        { ComparisonTrouble: { } trouble } => $"The rows could not be compared. {trouble.Summary}",
        { Newest: null } => "The rows have not been compared yet.",
        { State: ReplicationState.AtRisk } => $"At risk: {Compared(report.Newest)}, but {Risk(report)}.",
        _ => Sentence(report.Newest),
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

    /// <summary>Why a trigger's changes do not arrive.</summary>
    public static string Silence(ReplicationTrigger trigger) => trigger.State switch
    {
        TriggerState.Missing => $"The trigger {trigger.Name} on {trigger.Table} is missing: changes it should pass on do not reach the old database.",
        TriggerState.Replica => $"The trigger {trigger.Name} on {trigger.Table} fires for replicated changes only: the portal's own do not reach the old database through it.",
        _ => $"The trigger {trigger.Name} on {trigger.Table} is switched off: changes it should pass on do not reach the old database.",
    };

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

    /// <summary>How long ago something was.</summary>
    public static string Ago(Instant then, Instant now) => (now - then).TotalSeconds switch
    {
        < 2 => "just now",
        < 90 => string.Create(English, $"{(now - then).TotalSeconds:0} seconds ago"),
        < 5400 => string.Create(English, $"{(now - then).TotalMinutes:0} minutes ago"),
        _ => string.Create(English, $"{(now - then).TotalHours:0} hours ago"),
    };

    private static string Risk(ReplicationReport report)
    {
        var silent = report.Triggers.Silent.Count();
        return silent switch
        {
            0 => report.OutboxLength == 1
                ? "1 change waits to be written"
                : $"{Number(report.OutboxLength)} changes wait to be written",
            1 => "1 trigger does not fire",
            _ => $"{Number(silent)} triggers do not fire",
        };
    }
}
