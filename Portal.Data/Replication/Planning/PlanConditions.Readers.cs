using NodaTime;

namespace Portal.Data.Replication.Planning;

// What is asked of those who read the old database.
internal static partial class PlanConditions
{
    private static PlanCondition ReadersMoved(PlanFacts facts)
    {
        var (seen, staying, _, one) = facts.Readers;
        return new("Every reader that was seen has moved on",
            seen == 0 ? "nobody was seen"
                : $"{Number(seen - staying)} of {Number(seen)} have" + (one is { } who ? $"; {Who(who.Application, who.Role)} has not" : ""),
            staying == 0);
    }

    private static PlanCondition ReadersQuiet(PlanFacts facts)
    {
        var wanted = facts.Setting("readers_quiet");
        var seen = facts.Readers.LastSeen;
        var holds = Watched(facts) is { } watched && facts.New.Now - Instant.Max(watched, seen ?? watched) >= wanted;
        return new($"No reader was seen for {PlanTime.Say(wanted)}", Sighting(facts, seen), holds);
    }

    private static PlanCondition NoReaderSince(PlanFacts facts, PlanStepName step, string what)
    {
        var seen = facts.Readers.LastSeen;
        // After a gap it has to be watched anew, for as long as readers have to be quiet.
        var holds = facts.Taken.TryGetValue(step, out var since) && !(seen > since)
            && Watched(facts) is { } watched && (watched <= since || facts.New.Now - watched >= facts.Setting("readers_quiet"));
        return new($"No reader was seen since {what}", Sighting(facts, seen), holds);
    }

    // A look that was to come and did not is a gap too.
    private static Instant? Watched(PlanFacts facts) =>
        facts.New.SampledAt is { } sampled && facts.New.Now - sampled < Duration.FromMinutes(5) ? facts.New.WatchedSince : null;

    private static string Sighting(PlanFacts facts, Instant? seen) => (Watched(facts), seen) switch
    {
        (null, _) => "nobody looks: a portal has to run",
        ({ } since, { } last) when last >= since => $"the last one {PlanTime.Say(facts.New.Now - last)} ago",
        ({ } since, _) => $"none; watched without a gap for {PlanTime.Say(facts.New.Now - since)}",
    };
}
