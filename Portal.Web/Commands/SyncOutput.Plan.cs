using Portal.Data.Replication;
using Portal.Data.Replication.Planning;
using Portal.Web.Replication.Planning;

namespace Portal.Web.Commands;

// What `sync plan` says.
internal sealed partial class SyncOutput
{
    public int Plan(Answer<PlanReport> answer)
    {
        if (answer.Value is not { } plan)
        {
            return CouldNot(answer.Trouble);
        }

        Plan(plan, PlanWords.Sentence(plan), null);
        return plan.OldTrouble is not null ? ExitCodes.CouldNot : plan.Next is null or { Holds: true } && plan.Leftovers.Count == 0 ? ExitCodes.Done : ExitCodes.Differences;
    }

    public int Plan(Answer<PlanOutcome> answer)
    {
        if (answer.Value is not { } outcome)
        {
            return CouldNot(answer.Trouble);
        }

        Plan(outcome.Plan, outcome.Sentence, outcome.Done);
        return outcome.Done ? ExitCodes.Done : ExitCodes.Differences;
    }

    private void Plan(PlanReport plan, string sentence, bool? done)
    {
        if (json)
        {
            Write(PlanJson.From(plan, sentence, done));
            return;
        }

        output.WriteLine(sentence);
        if (done is not null)
        {
            return;
        }

        output.WriteLine();
        foreach (var step in plan.Steps)
        {
            output.WriteLine($"{(int)step.Name + 1} {PlanRules.Name(step.Name),-14}{(step.TakenAt is { } at ? $"taken by {step.TakenBy}, {Replication.ReplicationWords.At(at)}{(step.Why is null ? "" : $": {step.Why}")}" : "")}".TrimEnd());
            if (step.Name == plan.Next?.Name)
            {
                foreach (var condition in step.Conditions)
                {
                    output.WriteLine($"    {(condition.Holds ? "yes" : "NO "),-4} {condition.Condition}: {condition.Figure}");
                }
            }
        }

        if (plan.Guard is { Writers.Count: > 0 } guard)
        {
            output.WriteLine();
            TextTable.Write(output, ["who writes", "as", "from", "table", "what", "statements", "rows", "last"], [.. guard.Writers.Select(w => (string[])
                [PlanWords.Who(w.Application), w.Role, w.Address, w.Table, w.Operation, Count(w.Statements), Count(w.Rows), Replication.ReplicationWords.At(w.LastAt)])]);
        }

        if (plan.Readers.Count > 0)
        {
            output.WriteLine();
            TextTable.Write(output, ["who reads", "as", "from", "times seen", "last", "moved on"], [.. plan.Readers.Select(r => (string[])
                [PlanWords.Who(r.Application), r.Role, r.Address, Count(r.TimesSeen), Replication.ReplicationWords.At(r.LastSeen), r.CameBack ? "came back" : r.HasMoved ? "yes" : "no"])]);
        }

        static string Count(long count) => Replication.ReplicationWords.Number(count);
    }

    private sealed record PlanJson(
        string Sentence, bool? Done, string? Next, bool Retired, IReadOnlyList<PlanStepJson> Steps, PlanGuardJson? Guard, string? Problem,
        IReadOnlyList<PlanReaderJson> Readers, DateTimeOffset? WatchedSince, IReadOnlyDictionary<string, double> SettingsSeconds, IReadOnlyList<Leftover> Leftovers)
    {
        public static PlanJson From(PlanReport plan, string sentence, bool? done) => new(
            sentence, done, plan.Next is { } next ? PlanRules.Word(next.Name) : null, plan.Retired,
            [.. plan.Steps.Select(s => new PlanStepJson(PlanRules.Word(s.Name), s.TakenAt?.ToDateTimeOffset(), s.TakenBy, s.Why, s.Holds, s.Conditions))],
            plan.Guard is { } guard
                ? new(guard.Refuses ? "refuse" : "record", guard.Refused, guard.Silent, [.. guard.Writers.Select(w => new PlanWriterJson(
                    w.Application, w.Role, w.Address, w.Table, w.Operation, w.Statements, w.Rows, w.FirstAt.ToDateTimeOffset(), w.LastAt.ToDateTimeOffset()))])
                : null,
            plan.OldTrouble?.Summary,
            [.. plan.Readers.Select(r => new PlanReaderJson(
                r.Application, r.Role, r.Address, r.FirstSeen.ToDateTimeOffset(), r.LastSeen.ToDateTimeOffset(), r.TimesSeen, r.MovedOnAt?.ToDateTimeOffset(), r.CameBack))],
            plan.WatchedSince?.ToDateTimeOffset(), plan.Settings.ToDictionary(s => s.Name, s => s.Value.TotalSeconds), plan.Leftovers);
    }

    private sealed record PlanStepJson(
        string Step, DateTimeOffset? TakenAt, string? TakenBy, string? Why, bool Holds, IReadOnlyList<PlanCondition> Conditions);

    private sealed record PlanGuardJson(string Mode, long Refused, IReadOnlyList<string> Silent, IReadOnlyList<PlanWriterJson> Writers);

    private sealed record PlanWriterJson(
        string Application, string Role, string Address, string Table, string Operation, long Statements, long Rows, DateTimeOffset FirstAt, DateTimeOffset LastAt);

    private sealed record PlanReaderJson(
        string Application, string Role, string Address, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, long TimesSeen, DateTimeOffset? MovedOnAt, bool CameBack);
}
