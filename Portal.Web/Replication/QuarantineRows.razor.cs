using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Data.Replication;
using Portal.Data.Replication.Backfill;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>Rows in quarantine for the same reasons, five at a time.</summary>
public sealed partial class QuarantineRows(QuarantineService quarantine, CurrentCaller caller, IDialogService dialogs, ISnackbar snackbar) : ComponentBase
{
    private const int AtATime = 5;

    private readonly List<QuarantinedRow> rows = [];
    private Trouble? trouble;
    private bool more;
    private bool busy;

    [Parameter, EditorRequired]
    public required IReadOnlyList<string> Reasons { get; set; }

    /// <summary>How many of them nobody has decided on.</summary>
    [Parameter]
    public long Open { get; set; }

    [Parameter]
    public bool CanDecide { get; set; }

    [Parameter, EditorRequired]
    public EventCallback Changed { get; set; }

    private IEnumerable<string> Columns => rows is [var first, ..] ? first.OldRow.Keys.Where(k => k != "id") : [];

    private string? Suspected => Reasons.Select(Suspect).FirstOrDefault(c => c is not null);

    protected override Task OnInitializedAsync() => Next();

    private async Task Next()
    {
        busy = true;
        var answer = await quarantine.Read(await caller.GetAsync(), Reasons, rows.Count == 0 ? 0 : rows[^1].Key, AtATime + 1);
        (trouble, busy) = (answer.Trouble, false);
        more = answer.Value?.Count > AtATime;
        rows.AddRange(answer.Value?.Take(AtATime) ?? []);
    }

    private async Task EditAll(Dictionary<string, string?> edited)
    {
        var values = string.Join(", ", edited.Select(e => $"{e.Key} = {e.Value ?? "none"}"));
        if (await dialogs.ShowMessageBoxAsync(
                $"Put right in {ReplicationWords.Rows(Open)}?",
                $"{BackfillWords.Reasons(Reasons)}. {BackfillWords.Consequence(QuarantineDecision.Edit, Open)} It is {values}. Your name is noted.",
                yesText: "Put right", cancelText: "Cancel") is not true)
        {
            return;
        }

        busy = true;
        var answer = await quarantine.Decide(await caller.GetAsync(), Reasons, keys: null, QuarantineDecision.Edit, edited);
        if (answer.Trouble is { } failed)
        {
            busy = false;
            snackbar.Add($"Nothing was changed. {failed.Summary} {failed.Check}", Severity.Error);
            return;
        }

        snackbar.Add($"Noted for {ReplicationWords.Rows(answer.Value?.Rows ?? 0)}.", Severity.Success);
        rows.Clear();
        await Next();
        await Changed.InvokeAsync();
    }

    private async Task Decide(QuarantinedRow row, QuarantineDecision decision, Dictionary<string, string?>? edited = null)
    {
        busy = true;
        var answer = await quarantine.Decide(await caller.GetAsync(), Reasons, [row.Key], decision, edited);
        busy = false;
        if (answer.Trouble is { } failed)
        {
            snackbar.Add($"Nothing was changed. {failed.Summary} {failed.Check}", Severity.Error);
            return;
        }

        rows[rows.IndexOf(row)] = row with { State = decision == QuarantineDecision.Skip ? "skipped" : "decided" };
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

    private static string State(string state) => state switch
    {
        "decided" => "Decided; it is taken over with the next run.",
        "skipped" => "Left out.",
        _ => "Taken over as decided.",
    };
}
