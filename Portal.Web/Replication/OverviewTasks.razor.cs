using Microsoft.AspNetCore.Components;
using Portal.Data.Replication;
using Portal.Data.Replication.Alarms;

namespace Portal.Web.Replication;

/// <summary>What an admin should do next, as far as the report and the alarms tell.</summary>
public sealed partial class OverviewTasks
{
    private IReadOnlyList<OverviewTask> tasks = [];

    [Parameter, EditorRequired]
    public required ReplicationReport Report { get; set; }

    /// <summary>The alarms that last.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<Alarm> Alarms { get; set; }

    /// <summary>Whether something is being done, so that nothing else is offered.</summary>
    [Parameter]
    public bool Acting { get; set; }

    /// <summary>Makes all triggers as they were installed.</summary>
    [Parameter, EditorRequired]
    public EventCallback Reinstall { get; set; }

    /// <summary>Lets what waits be delivered.</summary>
    [Parameter, EditorRequired]
    public EventCallback Resume { get; set; }

    protected override void OnParametersSet() => tasks = [.. Tasks()];

    private IEnumerable<OverviewTask> Tasks()
    {
        if ((Report.Old.Trouble ?? Report.ComparisonTrouble) is { } trouble)
        {
            yield return new(trouble.Check, "Show servers", "replication/servers");
        }

        if (Report.Triggers.Faulty.ToList() is { Count: > 0 } faulty)
        {
            var text = faulty is [var one] ? TriggerWords.Fault(one) ?? "" : $"{ReplicationWords.Number(faulty.Count)} triggers do not do their work. The first: {TriggerWords.Fault(faulty[0])}";
            yield return faulty.Any(t => t.Wanted is null) ? new(text, "Show triggers", "replication/triggers") : new(text, "Reinstall…", Act: Reinstall);
        }

        if (Report.Outbox.OldIsRight)
        {
            yield return new("Old rows are taken over by the backfill, until the writers have moved.", "Show the backfill", "replication/backfill");
        }

        if (Report.Outbox.Mode == ReplicationMode.Paused)
        {
            yield return new($"Delivery is paused; {ReplicationWords.Wait(Report.Outbox.OutboxKeys)}.", "Resume", Act: Resume);
        }

        var differ = Report.Newest is { Differences: > 0 };
        if (differ && Report.Newest is { } newest)
        {
            yield return new($"Rows: {ReplicationWords.Differences(newest)}.", "Compare and repair", "replication/comparison");
        }

        foreach (var alarm in Alarms.Where(a => !(a.Cause == "trigger" || (a.Cause == "drift" && differ) || (a.Cause == "breaker" && !Report.Old.Reachable))))
        {
            yield return alarm.Cause switch
            {
                "schema" => new(alarm.Text, "Show the columns", AlarmWords.Page(alarm.Cause)),
                "drift" => new(alarm.Text, "Compare and repair", AlarmWords.Page(alarm.Cause)),
                "old_written" => new(alarm.Text, "Show who writes", AlarmWords.Page(alarm.Cause)),
                _ => new(alarm.Text, "Show alarms", "replication/alarms?open=true"),
            };
        }
    }

    /// <param name="Act">Does it here; null: it is done elsewhere.</param>
    private sealed record OverviewTask(string Text, string Action, string? Href = null, EventCallback? Act = null);
}
