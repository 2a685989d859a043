using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Data.Replication;
using Portal.Data.Replication.Backfill;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>Rows in quarantine for the same reasons, five at a time.</summary>
public sealed partial class QuarantineRows(QuarantineService quarantine, CurrentCaller caller, ISnackbar snackbar) : ComponentBase
{
    private const int AtATime = 5;

    private readonly List<QuarantinedRow> rows = [];
    private Trouble? trouble;
    private string? column;
    private string? value;
    private bool more;
    private bool busy;

    [Parameter, EditorRequired]
    public required IReadOnlyList<string> Reasons { get; set; }

    [Parameter]
    public bool CanDecide { get; set; }

    [Parameter, EditorRequired]
    public EventCallback Changed { get; set; }

    protected override async Task OnInitializedAsync()
    {
        column = Reasons.Select(Suspect).FirstOrDefault(c => c is not null);
        await Next();
    }

    private async Task Next()
    {
        busy = true;
        var answer = await quarantine.Read(await caller.GetAsync(), Reasons, rows.Count == 0 ? 0 : rows[^1].Key, AtATime + 1);
        (trouble, busy) = (answer.Trouble, false);
        more = answer.Value?.Count > AtATime;
        rows.AddRange(answer.Value?.Take(AtATime) ?? []);
    }

    private Task Edit(QuarantinedRow row) =>
        column is null ? Task.CompletedTask : Decide(row, QuarantineDecision.Edit, new Dictionary<string, string?> { [column] = string.IsNullOrWhiteSpace(value) ? null : value.Trim() });

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
        value = null;
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
