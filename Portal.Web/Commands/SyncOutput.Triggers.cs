using Portal.Data.Replication;
using Portal.Web.Replication;

namespace Portal.Web.Commands;

// What `sync triggers` says.
internal sealed partial class SyncOutput
{
    public int Triggers(Answer<TriggerReport> answer)
    {
        if (answer.Value is not { } report)
        {
            return CouldNot(answer.Trouble);
        }

        if (json)
        {
            Write(new { triggers = report.Triggers.Select(TriggerStateJson.From) });
        }
        else
        {
            TextTable.Write(output, ["table", "trigger", "state", "fires", "for each"], [.. report.Triggers.Select(t => (string[])
            [
                t.ShownTable,
                t.Name,
                t.Findings.Count == 0 ? ReplicationWords.State(t.State) : string.Join(", ", t.Findings.Select(TriggerWords.Name)),
                t.Details is { } d ? $"{d.Timing} {string.Join(" or ", d.Events)}" : "",
                t.Details?.ForEachRow switch { true => "row", false => "statement", _ => "" },
            ])]);
            foreach (var fault in report.Triggers.Select(TriggerWords.Fault).OfType<string>())
            {
                output.WriteLine(fault);
            }
        }

        return report.ToReinstall.Any() ? ExitCodes.Differences : ExitCodes.Done;
    }

    public int WouldChange(TriggerChange change, IReadOnlyList<ReplicationTrigger> which) => Say(change, which, done: false);

    public int Changed(TriggerChange change, IReadOnlyList<ReplicationTrigger> which, Answer<TriggerReport> answer) =>
        answer.Value is null ? CouldNot(answer.Trouble) : Say(change, which, done: true);

    private int Say(TriggerChange change, IReadOnlyList<ReplicationTrigger> which, bool done)
    {
        if (json)
        {
            Write(new { change, done, triggers = which.Select(t => new { table = t.ShownTable, t.Name }) });
        }
        else if (which.Count == 0)
        {
            output.WriteLine("All triggers are as they were installed.");
        }
        else
        {
            output.WriteLine($"{TriggerWords.Name(change)}{(done ? ", done" : ", nothing was changed (--dry-run)")}:");
            foreach (var trigger in which)
            {
                output.WriteLine($"  {trigger.Name} on {trigger.ShownTable}");
            }
        }

        return ExitCodes.Done;
    }
}

internal sealed record TriggerStateJson(
    string Table, string Name, TriggerKind Kind, TriggerState State, IReadOnlyList<TriggerFinding> Findings,
    string? Timing, IReadOnlyList<string>? Events, string? Definition, string? WantedDefinition, bool? FunctionIsAsInstalled)
{
    public static TriggerStateJson From(ReplicationTrigger trigger) => new(
        trigger.ShownTable, trigger.Name, trigger.Kind, trigger.State, trigger.Findings,
        trigger.Details?.Timing, trigger.Details?.Events, trigger.Details?.Text.Definition, trigger.Wanted?.Definition,
        trigger is { Details: { } details, Wanted: { } wanted } ? details.Text.Source == wanted.Source : null);
}
