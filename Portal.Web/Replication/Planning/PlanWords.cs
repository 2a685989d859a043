using Portal.Data.Replication.Planning;

namespace Portal.Web.Replication.Planning;

/// <summary>How the plan is said, on the page and on the command line.</summary>
internal static class PlanWords
{
    /// <summary>Where the migration stands, in one sentence.</summary>
    public static string Sentence(PlanReport plan) => plan switch
    {
        { Retired: true, Leftovers.Count: > 0 } => "Retired, but something of the replication is still there: run the command migrate, which takes it away.",
        { Retired: true } => "Retired: nothing is written to the old database any more, and nothing is left here that could.",
        { Next: { Holds: true } next } => $"Next: {PlanRules.Name(next.Name)}. All of its conditions hold.",
        { Next: { } next } => $"Next: {PlanRules.Name(next.Name)}. {next.Conditions.Count(c => c.Holds)} of {next.Conditions.Count} conditions hold.",
        _ => "All steps are taken.",
    };

    /// <summary>What a step is for.</summary>
    public static string Purpose(PlanStepName step) => step switch
    {
        PlanStepName.Prepare => "Both databases are connected, every change will be carried over, and whoever else writes is seen.",
        PlanStepName.Backfill => "All old rows become new ones, while the old system still writes.",
        PlanStepName.MoveWriters => "From then on the new database is the one that is right, and the old one follows it.",
        PlanStepName.MoveReaders => "Whoever still reads the old database moves to the new service, one by one.",
        PlanStepName.Freeze => "The old database refuses every write that is not the replication's. It stays true until the end.",
        _ => "Triggers, foreign server, user mappings and foreign tables are taken away. Nothing is written to the old database any more.",
    };

    /// <summary>How to get back to before it.</summary>
    public static string Undoing(PlanStepName step) => step switch
    {
        PlanStepName.Prepare or PlanStepName.Backfill or PlanStepName.MoveReaders => "Undoing it changes nothing but this page: the step is open again.",
        PlanStepName.MoveWriters =>
            "Undoing it makes the old database the one that is right again: programs may write there, the backfill brings over what they write, and nothing is written from here. "
            + "It can be done once every change has been delivered there, so that none is missing.",
        PlanStepName.Freeze => "Undoing it lets the guard note other writes again instead of refusing them, from the next statement on.",
        _ => "This cannot be undone. The old database keeps its rows, and its guard goes on refusing writes.",
    };

    /// <summary>What is asked before a step is taken.</summary>
    public static string Consequence(PlanStep step) => step.Name switch
    {
        PlanStepName.MoveWriters => "The new database becomes the one that is right, and what was decided about rows in quarantine is put right in the old one. What anybody else writes to the old one from then on raises an alarm, and is left for you to repair or to keep.",
        PlanStepName.Freeze => "From the next statement on, programs that write the old database directly get an error.",
        PlanStepName.Retire => "The replication is taken away, for good. Rows of the old database stay as they are and are not kept true any more.",
        _ => "It is noted as done. Nothing else changes.",
    };

    /// <summary>What the time is that is set.</summary>
    public static string Setting(string name) => name switch
    {
        "writers_quiet" => "No write by others for",
        "in_step" => "Old and new in step for",
        "readers_quiet" => "No reader seen for",
        _ => "Frozen for",
    };

    /// <summary>Who reads, from where, in one line.</summary>
    public static string Who(OldReader reader) => $"{Who(reader.Application)} as {reader.Role} from {reader.Address}";

    /// <summary>How a program that uses the old database is named.</summary>
    public static string Who(string application) => application.Length > 0 ? application : "(gives no name)";
}
