using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Portal.Data.Replication.Planning;

/// <summary>When a step may be taken, and how what came of it is said.</summary>
public static class PlanRules
{
    /// <summary>What the steps are called.</summary>
    public static string Name(PlanStepName step) => step switch
    {
        PlanStepName.Prepare => "Prepare",
        PlanStepName.Backfill => "Backfill",
        PlanStepName.MoveWriters => "Move writers",
        PlanStepName.MoveReaders => "Move readers",
        PlanStepName.Freeze => "Freeze",
        _ => "Retire",
    };

    /// <summary>What the database and the command line call them.</summary>
    public static string Word(PlanStepName step) => JsonNamingPolicy.SnakeCaseLower.ConvertName(step.ToString());

    /// <summary>Why a step cannot be taken as things are; null when it can.</summary>
    internal static string? Refusal(PlanReport plan, PlanStep step, string? why, IReadOnlyCollection<string>? known, string? serverName)
    {
        if (step.Taken)
        {
            return NotTaken(step.Name, "already", step.TakenBy, step.TakenAt);
        }

        if (plan.Next is { } next && next.Name != step.Name)
        {
            return $"“{Name(next.Name)}” comes first.";
        }

        var unexcused = step.Conditions.Where(c => !c.Holds && (string.IsNullOrWhiteSpace(why) || known?.Contains(c.Condition) == false)).ToList();
        if (unexcused.Count > 0)
        {
            return $"“{Name(step.Name)}” was not taken: {string.Join("; ", unexcused.Select(c => $"{Lower(c.Condition)} ({c.Figure})"))}. "
                + "Put that right, or give a reason to take it all the same.";
        }

        return step.Name == PlanStepName.Retire && serverName != ForeignServers.OldServer
            ? $"Nothing was changed: type the name of the foreign server, {ForeignServers.OldServer}, to retire it."
            : null;
    }

    internal static string NotTaken(PlanStepName step, string outcome, string? by, Instant? at) => outcome == "already"
        ? $"{by} has already taken “{Name(step)}”{(at is { } when ? $", on {InstantPattern.CreateWithInvariantCulture("d MMMM yyyy 'at' HH:mm 'UTC'").Format(when)}" : "")}."
        : $"A step before “{Name(step)}” has been undone meanwhile.";

    internal static string Taken(PlanStepName step) => step switch
    {
        PlanStepName.Prepare => "Noted: everything is in place. Next, old rows are taken over.",
        PlanStepName.Backfill => "Noted: the new database holds what the old one does. Next, the writers move.",
        PlanStepName.MoveWriters => "The new database is the one that is right from now on; the old one follows it.",
        PlanStepName.MoveReaders => "Noted: nobody reads the old database any more.",
        PlanStepName.Freeze => "The old database now refuses every write that is not the replication's.",
        _ => "Retired: nothing is written to the old database any more.",
    };

    internal static string Undone(PlanStepName step, string? outcome) => outcome switch
    {
        "undone" => step switch
        {
            PlanStepName.MoveWriters => "The old database is the one that is right again; the backfill takes over what is written there.",
            PlanStepName.Freeze => "The old database takes writes again, and notes them.",
            _ => $"“{Name(step)}” is undone.",
        },
        "not taken" => $"“{Name(step)}” is not taken, so there is nothing to undo.",
        "later" => $"“{Name(step)}” cannot be undone before the steps that were taken after it.",
        "undelivered" => "Changes wait for the old database still, and would be missing there. Let them be delivered first; the page Sync health shows them.",
        _ => "Retiring cannot be undone: to replicate again takes a new pair of databases.",
    };

    /// <summary>Why the databases did not let a step be taken or undone, where that has a reason that a person can do something about.</summary>
    internal static Trouble? Trouble(PostgresException refused) => refused.SqlState switch
    {
        PostgresErrorCodes.LockNotAvailable => new(
            TroubleKind.NewDatabase, "The tables are in use by a long transaction, so everything was left as it is.", "Try again in a moment. Nobody was held up for long.", refused.SqlState),
        PostgresErrorCodes.DependentObjectsStillExist => new(
            TroubleKind.NewDatabase, "Something of your own in the new database depends on the foreign tables, so everything was left as it is.",
            "Let a DBA drop what depends on them; the new server's log names it.", refused.SqlState),
        _ => null,
    };

    private static string Lower(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..];
}
