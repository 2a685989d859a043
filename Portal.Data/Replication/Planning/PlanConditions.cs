using System.Globalization;
using NodaTime;

namespace Portal.Data.Replication.Planning;

/// <summary>What should be so before each step is taken.</summary>
internal static partial class PlanConditions
{
    private const string NoAnswer = "the old database does not answer";

    public static IReadOnlyList<PlanCondition> Of(PlanStepName step, PlanFacts facts) => step switch
    {
        PlanStepName.Prepare => [Scripts(facts), Reachable(facts), Picture(facts), Triggers(facts), Guarded(facts)],
        PlanStepName.Backfill => [CaughtUp(facts), Quarantine(facts), AddsUp(facts)],
        PlanStepName.MoveWriters => [WritersQuiet(facts), NobodyWriting(facts), NothingWaits(facts), Agree(facts)],
        PlanStepName.MoveReaders => [ReadersMoved(facts), ReadersQuiet(facts), InStep(facts)],
        PlanStepName.Freeze => [WritersQuiet(facts), NobodyWriting(facts), NoReaderSince(facts, PlanStepName.MoveReaders, "the readers have moved"), NothingWaits(facts), Agree(facts)],
        _ => [Frozen(facts), NothingRefused(facts), NoReaderSince(facts, PlanStepName.Freeze, "it was frozen"), NothingWaits(facts)],
    };

    private static PlanCondition Scripts(PlanFacts facts) => new(
        "All scripts of this version are applied in both databases",
        facts.PendingScripts is [var first, ..] ? $"{Number(facts.PendingScripts.Count)} are missing, {first} first" : "none is missing",
        facts.PendingScripts.Count == 0);

    private static PlanCondition Reachable(PlanFacts facts) => new(
        "The old database answers through its foreign server",
        facts.Old.Latency is { } latency ? $"one read takes {latency.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture)} ms" : facts.Old.Trouble?.Summary ?? NoAnswer,
        facts.Old.Reachable);

    private static PlanCondition Picture(PlanFacts facts)
    {
        var different = facts.Schema.Tables.Sum(t => t.Columns.Count(c => c.IsDrift));
        return new("The old tables are as they were imported, and as the mapping has them",
            facts.Schema.SeenAt is null ? "nobody has looked yet" : different == 0 ? "no column differs" : $"{Number(different)} columns differ; the page Servers shows them",
            facts.Schema.SeenAt is not null && different == 0);
    }

    private static PlanCondition Triggers(PlanFacts facts)
    {
        var needed = facts.Triggers.Needed.ToList();
        return new("All triggers fire, so that no change is missed",
            $"{Number(needed.Count(t => t.Fires))} of {Number(needed.Count)} fire"
                + (needed.Count(t => t.Fires && !t.Works) is > 0 and var changed ? $", {Number(changed)} not as installed" : ""),
            needed.Count > 0 && needed.All(t => t.Works));
    }

    private static PlanCondition Guarded(PlanFacts facts)
    {
        const string condition = "The guard watches every old table";
        if (facts.Guard is not { } guard)
        {
            return new(condition, NoAnswer, false);
        }

        var open = facts.New.Mappings.Except(guard.Tables).ToList();
        return (open, guard.Silent) switch
        {
            ([var table, ..], _) => new(condition, $"{table} is not watched; run the command migrate", false),
            (_, [var silent, ..]) => new(condition, $"{silent} is missing or switched off; run the command migrate", false),
            _ => new(condition, $"{Number(guard.Tables.Count)} watched", guard.Tables.Count > 0),
        };
    }

    private static PlanCondition CaughtUp(PlanFacts facts)
    {
        const string condition = "All old rows are taken over";
        return facts.Backfill switch
        {
            null => new(condition, NoAnswer, false),
            { OldIsRight: false } => new(condition, "the new database is the one that is right already", true),
            { ChangedLast: 0 } => new(condition, "the last round found no change", true),
            { ChangedLast: { } changed } => new(condition, $"the last round found {Number(changed)} changes", false),
            _ => new(condition, "no round has come to its end", false),
        };
    }

    private static PlanCondition Quarantine(PlanFacts facts) => new(
        "Nothing waits in quarantine",
        facts.Backfill is { } backfill ? $"{Number(backfill.Open)} rows wait" : NoAnswer,
        facts.Backfill is { Open: 0 });

    private static PlanCondition AddsUp(PlanFacts facts) => new(
        "The counts add up",
        facts.Backfill is { } b
            ? $"{Number(b.OldRows)} old {(b.AddsUp ? "=" : "≠")} {Number(b.NewRows)} new + {Number(b.Open)} in quarantine + {Number(b.Skipped)} left out"
            : NoAnswer,
        facts.Backfill is { AddsUp: true });

    private static PlanCondition WritersQuiet(PlanFacts facts)
    {
        var wanted = facts.Setting("writers_quiet");
        var condition = $"Nobody else has written the old database for {PlanTime.Say(wanted)}";
        if (facts.Guard is not { QuietSince: { } since } guard)
        {
            return new(condition, facts.Guard is null ? NoAnswer : "the guard watches no table", false);
        }

        var quiet = guard.Now - since;
        return new(condition,
            guard.Writers is [var last, ..] && last.LastAt == since
                ? $"{Who(last.Application, last.Role)} wrote {PlanTime.Say(quiet)} ago"
                : $"nobody since the guard began, {PlanTime.Say(quiet)} ago",
            quiet >= wanted && guard.Silent.Count == 0);
    }

    // What a transaction has written is noted with it, so it shows no sooner than it commits.
    private static PlanCondition NobodyWriting(PlanFacts facts) => new(
        "Nobody else is in the middle of writing it",
        facts.Guard is { } guard ? guard.WritingNow == 0 ? "no transaction is open" : $"{Number(guard.WritingNow)} open transactions have written" : NoAnswer,
        facts.Guard is { WritingNow: 0 });

    private static PlanCondition NothingWaits(PlanFacts facts) => new(
        "No change waits for the old database",
        $"{Number(facts.New.OutboxKeys)} wait, {Number(facts.New.SetAside)} are refused",
        facts.New is { OutboxKeys: 0, SetAside: 0 });

    private static PlanCondition Agree(PlanFacts facts)
    {
        if (facts.New.OldIsRight)
        {
            const string condition = "The backfill has been through everything since the last write there";
            return facts switch
            {
                { Guard: null } => new(condition, NoAnswer, false),
                { New.Round: null } => new(condition, "no round has come to its end", false),
                // Two servers' clocks: so much they may differ.
                { New.Round: { } round, Guard.QuietSince: { } since, Backfill: { ChangedLast: 0 } } when round > since + Duration.FromSeconds(5) =>
                    new(condition, $"a round that began {PlanTime.Say(facts.New.Now - round)} ago found no change", true),
                _ => new(condition, "not yet: let one more round of the backfill run", false),
            };
        }

        return new("The last check of all rows found no difference",
            facts.New.VerifiedAt is { } at ? $"{Number(facts.New.Differences)} different, {PlanTime.Say(facts.New.Now - at)} ago" : "no check has come to its end",
            facts.New is { VerifiedAt: not null, Differences: 0 });
    }

    private static PlanCondition InStep(PlanFacts facts)
    {
        var wanted = facts.Setting("in_step");
        return new($"Old and new have been in step for {PlanTime.Say(wanted)}",
            facts.New.InStepSince is { } since ? $"for {PlanTime.Say(facts.New.Now - since)}" : "something is the matter; the page Sync health says what",
            Watched(facts) is not null && facts.New.InStepSince is { } began && facts.New.Now - began >= wanted);
    }

    private static PlanCondition Frozen(PlanFacts facts)
    {
        var wanted = facts.Setting("frozen");
        var since = facts.Taken.TryGetValue(PlanStepName.Freeze, out var at) ? at : (Instant?)null;
        // The guard may have let writes pass in between. Each by the clock of its own server.
        var frozen = since is { } began && facts.Guard is { Refuses: true } guard
            ? Duration.Min(facts.New.Now - began, guard.Now - guard.ChangedAt)
            : (Duration?)null;
        return new($"The old database has been frozen for {PlanTime.Say(wanted)}",
            (since, facts.Guard) switch
            {
                (null, _) => "it is not frozen",
                (_, null) => NoAnswer,
                _ => frozen is { } so ? $"for {PlanTime.Say(so)}" : "the guard lets writes pass",
            },
            frozen >= wanted);
    }

    private static PlanCondition NothingRefused(PlanFacts facts)
    {
        var since = facts.Taken.TryGetValue(PlanStepName.Freeze, out var at) ? at : (Instant?)null;
        var refused = facts.New.RefusedAt is { } last && last > since;
        return new("The guard has refused no write in that time",
            facts.Guard is null ? NoAnswer : since is null ? "it is not frozen" : refused && facts.New.RefusedAt is { } when ? $"one was refused {PlanTime.Say(facts.New.Now - when)} ago; the old server's log says whose" : "none was refused",
            facts.Guard is not null && since is not null && !refused);
    }

    private static string Who(string application, string role) => application.Length > 0 ? $"{application} ({role})" : role;

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
