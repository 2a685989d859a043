using Microsoft.AspNetCore.Components;
using MudBlazor;
using NodaTime;
using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Data.Replication.Backfill;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>Rows in quarantine for the same reasons, five at a time.</summary>
public sealed partial class QuarantineRows(QuarantineService quarantine, CurrentCaller caller, IDialogService dialogs, ISnackbar snackbar) : ComponentBase
{
    private const int AtATime = 5;

    private IReadOnlyList<QuarantinedRow> rows = [];
    private Trouble? trouble;
    private (long, long, long, long, Instant?)? counted;
    private bool more;
    private bool busy;

    [Parameter, EditorRequired]
    public required QuarantineGroup Group { get; set; }

    [Parameter]
    public bool CanDecide { get; set; }

    [Parameter, EditorRequired]
    public EventCallback Changed { get; set; }

    private IEnumerable<string> Columns => rows is [var first, ..] ? first.OldRow.Keys.Where(k => k != "id") : [];

    private string? Suspected => Group.Reasons.Select(Suspect).FirstOrDefault(c => c is not null);

    protected override async Task OnParametersSetAsync()
    {
        // Also decided for the whole group, taken over, or by another admin.
        var now = (Group.Open, Group.Decided, Group.Skipped, Group.Taken, Group.Newest);
        if (counted != now)
        {
            counted = now;
            await Read(Math.Max(rows.Count, AtATime));
        }
    }

    private async Task Read(int many)
    {
        busy = true;
        var answer = await caller.AskAsync(by => quarantine.Read(by, Group.Reasons, many + 1));
        (trouble, busy) = (answer.Trouble, false);
        if (answer.Value is { } found)
        {
            // In one go: a row that stays keeps what is being typed beside it.
            (rows, more) = ([.. found.Take(many)], found.Count > many);
        }
    }

    private async Task EditAll(Dictionary<string, string?> edited)
    {
        // As it is asked about: while the question is open, the page goes on reading.
        var shown = Group;
        if (await dialogs.ShowMessageBoxAsync(
                $"Put right in {ReplicationWords.Rows(shown.Open)}?",
                $"{BackfillWords.Reasons(shown.Reasons)}. {BackfillWords.Consequence(QuarantineDecision.Edit, shown.Open)} It is {BackfillWords.Values(edited)}. Your name is noted.",
                yesText: "Put right", cancelText: "Cancel") is true)
        {
            await Act(by => quarantine.DecideAll(by, shown, QuarantineDecision.Edit, edited), rows => BackfillWords.Noted(rows, shown.Open));
        }
    }

    private Task Decide(QuarantinedRow row, QuarantineDecision decision, Dictionary<string, string?>? edited = null) =>
        Act(by => quarantine.Decide(by, row, decision, edited), done: null);

    private async Task Act(Func<Caller?, Task<Answer<RowCount>>> act, Func<long, string>? done)
    {
        busy = true;
        var answer = await caller.AskAsync(act);
        if (answer.Trouble is { } failed)
        {
            snackbar.Add(ReplicationWords.Failed(failed), Severity.Error);
        }
        else if (done is not null)
        {
            snackbar.Add(done(answer.Value?.Rows ?? 0), Severity.Success);
        }

        await Read(Math.Max(rows.Count, AtATime));
        await Changed.InvokeAsync();
    }

    private static string? Suspect(string reason) => reason switch
    {
        "unknown_status" or "paid_but_not_approved" => "status",
        "unknown_worker" => "worker_id",
        "unknown_hospital" => "hospital_id",
        "end_before_start" or "overlap" => "end_time",
        "incomplete_times" => "start_time",
        "negative_amount" => "amount_due",
        "changed_in_portal" or "refused" => null,
        _ => reason,
    };
}
