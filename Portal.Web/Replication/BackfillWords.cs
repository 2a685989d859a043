using System.Globalization;
using Portal.Data.Replication.Backfill;

namespace Portal.Web.Replication;

/// <summary>How the backfill is said, on the page and on the command line.</summary>
internal static class BackfillWords
{
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    /// <summary>Where it stands, in one sentence.</summary>
    public static string Sentence(BackfillReport report) => report switch
    {
        { OldIsRight: false } => "The writers have moved: the new database is the one that is right, and nothing is taken over from the old one any more.",
        { CaughtUp: true } => $"Caught up: all {ReplicationWords.Rows(report.OldRows)} of the old database are taken care of, and the last round found no change.",
        { Running: false, FinishedAt: null, RowsRead: 0 } => $"Not begun: {ReplicationWords.Rows(report.OldRows)} wait in the old database.",
        { Running: false } => $"Stopped: {Progress(report)}. It goes on from there.",
        { BetweenRounds: true, ChangedLast: > 0 } => $"Following: the last round found {ReplicationWords.Changes(report.ChangedLast ?? 0)}; the next one begins in a moment.",
        { BetweenRounds: true } => $"Following: nothing has changed; {ReplicationWords.Rows(report.Open)} {(report.Open == 1 ? "waits" : "wait")} for a decision.",
        _ => $"Running: {Progress(report)}.",
    };

    public static string Percent(double share) => share.ToString("P0", English);

    public static string Rate(BackfillReport report) => report.Rate is { } rate ? $"{ReplicationWords.Number((long)rate)} rows/s" : "–";

    /// <summary>The proof that no row was lost.</summary>
    public static string Sum(BackfillReport report) =>
        $"{ReplicationWords.Number(report.OldRows)} in the old database {(report.AddsUp ? "=" : "≠")} {ReplicationWords.Number(report.NewRows)} taken over + {ReplicationWords.Number(report.Open)} in quarantine + {ReplicationWords.Number(report.Skipped)} left out";

    /// <summary>What is wrong with rows in quarantine.</summary>
    public static string Reasons(IReadOnlyList<string> reasons) => string.Join("; ", reasons.Select(Reason));

    private static string Reason(string reason) => reason switch
    {
        "unknown_status" => "The status is none that is known",
        "unknown_worker" => "The new database has no such worker",
        "unknown_hospital" => "The new database has no such hospital",
        "incomplete_times" => "Of day, start, end and break some are missing",
        "end_before_start" => "The shift ends when or before it starts, or its break takes all of it",
        "negative_amount" => "The amount due is below zero",
        "paid_but_not_approved" => "It is marked as paid, but not approved",
        "changed_in_portal" => "Somebody has worked on it in the portal already",
        "overlap" => "It overlaps another shift of the same worker",
        "refused" => "The new database refuses it",
        "is_approved" => "The flag contradicts the status",
        "hours_worked" => "The hours do not match the times",
        "amount_due" => "The amount does not match any hourly rate",
        "worker_name" => "The worker has another name in the new database",
        "hospital_name" => "The hospital has another name in the new database",
        _ => $"The column {reason} would come out differently",
    };

    /// <summary>What can be decided for rows with these reasons, the likeliest first.</summary>
    public static IReadOnlyList<QuarantineDecision> Choices(IReadOnlyList<string> reasons) => reasons switch
    {
        ["is_approved"] => [QuarantineDecision.TakeStatus, QuarantineDecision.TakeFlag, QuarantineDecision.Edit, QuarantineDecision.Skip],
        _ when reasons.All(r => r is "is_approved" or "hours_worked" or "amount_due" or "worker_name" or "hospital_name") =>
            [QuarantineDecision.Accept, QuarantineDecision.Edit, QuarantineDecision.Skip],
        _ => [QuarantineDecision.Edit, QuarantineDecision.Skip],
    };

    public static string Name(QuarantineDecision decision) => decision switch
    {
        QuarantineDecision.TakeStatus => "The status is right",
        QuarantineDecision.TakeFlag => "The flag is right",
        QuarantineDecision.Accept => "Let the new database work it out",
        QuarantineDecision.Edit => "Put a value right",
        _ => "Leave out",
    };

    /// <summary>What is asked before it is done for many rows at once.</summary>
    public static string Consequence(QuarantineDecision decision, long rows) => decision switch
    {
        QuarantineDecision.TakeStatus => $"{ReplicationWords.Rows(rows)} will be taken over with the status they have; the flag follows from it.",
        QuarantineDecision.TakeFlag => $"{ReplicationWords.Rows(rows)} will be taken over as approved where the flag says so, and as not yet decided where it does not.",
        QuarantineDecision.Accept => $"{ReplicationWords.Rows(rows)} will be taken over by their times, statuses and numbers; hours and names follow from these.",
        QuarantineDecision.Skip => $"{ReplicationWords.Rows(rows)} will not be taken over. They stay in the old database as they are.",
        _ => $"{ReplicationWords.Rows(rows)} will be taken over with the value you give.",
    };

    /// <summary>For how many of the rows that were shown a decision was noted.</summary>
    public static string Noted(long rows, long shown) => rows >= shown
        ? $"Noted for {ReplicationWords.Rows(rows)}."
        : $"Noted for {ReplicationWords.Rows(rows)} of {ReplicationWords.Number(shown)}; the others have changed meanwhile and are as they were.";

    /// <summary>What became of a row that somebody has decided on.</summary>
    public static string Decided(string state, QuarantineDecided decided)
    {
        var what = decided.Decision == QuarantineDecision.Edit ? Values(decided.Values) : char.ToLowerInvariant(Name(decided.Decision)[0]) + Name(decided.Decision)[1..];
        return state switch
        {
            "decided" => $"{decided.By} has decided: {what}. It is taken over with the next run.",
            "skipped" => $"Left out by {decided.By}.",
            _ => $"Taken over as {decided.By} has decided: {what}.",
        };
    }

    /// <summary>Columns and their right values.</summary>
    public static string Values(IReadOnlyDictionary<string, string?> edited) => string.Join(", ", edited.Select(e => $"{e.Key} = {e.Value ?? "none"}"));

    /// <summary>How far the round under way is.</summary>
    public static string Progress(BackfillReport report) => report.RowsToRead == 0
        ? $"round {report.Round} begins"
        : $"round {report.Round}, {ReplicationWords.Number(report.RowsRead)} of {ReplicationWords.Number(report.RowsToRead)} rows read, {Percent(report.Done)}";
}
