using Portal.Data.Replication;

namespace Portal.Web.Replication;

/// <summary>How triggers, and what is done to them, are said.</summary>
internal static class TriggerWords
{
    /// <summary>What follows from a trigger's not working; null when it works.</summary>
    public static string? Fault(ReplicationTrigger trigger) => trigger switch
    {
        { IsOurs: false } => null,
        { Kind: TriggerKind.Audit, Works: false } => $"The trigger {trigger.Name} on {trigger.ShownTable} {State(trigger)}: the audit log is not kept from being changed.",
        { State: TriggerState.Replica } => $"The trigger {trigger.Name} on {trigger.ShownTable} fires for replicated changes only: the portal's own do not reach the old database through it.",
        { Fires: false } => $"The trigger {trigger.Name} on {trigger.ShownTable} {State(trigger)}: changes it should pass on do not reach the old database.",
        { IsChanged: true } when trigger.Findings is [TriggerFinding.Called] =>
            $"A function that the trigger {trigger.Name} on {trigger.ShownTable} calls was changed after it was installed: whether it passes on all changes is not known.",
        { IsChanged: true } => $"The trigger {trigger.Name} on {trigger.ShownTable} was changed after it was installed: whether it passes on all changes is not known.",
        _ => null,
    };

    /// <summary>A finding in two or three words.</summary>
    public static string Name(TriggerFinding finding) => finding switch
    {
        TriggerFinding.Missing => "Missing",
        TriggerFinding.Disabled => "Disabled",
        TriggerFinding.Replica => "Replica only",
        TriggerFinding.Firing => "Fires in the wrong sessions",
        TriggerFinding.Definition => "Trigger changed",
        TriggerFinding.Function => "Function changed",
        TriggerFinding.Called => "Calls a changed function",
        _ => "Not of the portal",
    };

    public static string Name(TriggerChange change) => change.ToString();

    /// <summary>What is asked before a trigger is changed, and what will happen.</summary>
    public static (string Question, string Consequence) Changing(ReplicationTrigger trigger, TriggerChange change) => change switch
    {
        TriggerChange.Disable => ($"Disable {trigger.Name} on {trigger.ShownTable}?",
            (trigger is { Name: "flush_at_commit", Table: "replication.outbox" }
                ? "Users go on working and notice nothing. Changes are still recorded, but may reach the old database some moments after the commit. "
                : "Users go on working and notice nothing. But what this trigger records is not recorded any more: those changes do not reach the old database, and nothing waits for them. "
                    + "Only the continuous check finds them, afterwards. ")
            + "An alarm stays open until the trigger is on again."),
        TriggerChange.Enable => ($"Enable {trigger.Name} on {trigger.ShownTable}?", $"It fires again from the next change on. {Afterwards}"),
        _ => ($"Reinstall {trigger.Name} on {trigger.ShownTable}?", $"The trigger and its function become what the portal's scripts have made, and fire again. {Overwritten} {Afterwards}"),
    };

    /// <summary>What is asked before one or several are reinstalled.</summary>
    public static (string Question, string Consequence) Reinstalling(IReadOnlyList<ReplicationTrigger> which) => which is [var one]
        ? Changing(one, TriggerChange.Reinstall)
        : ($"Reinstall {ReplicationWords.Number(which.Count)} triggers?",
            $"They and their functions become what the portal's scripts have made, and fire again, one after the other. {Overwritten} {Afterwards}");

    private const string Overwritten = "What is there now is overwritten; the audit log keeps it.";

    private const string Afterwards =
        "What was changed meanwhile is found by the continuous check and delivered. Writers wait half a second at most.";

    private static string State(ReplicationTrigger trigger) => trigger switch
    {
        { State: TriggerState.Missing } => "is missing",
        { Fires: false } => "is switched off",
        _ => "was changed",
    };
}
