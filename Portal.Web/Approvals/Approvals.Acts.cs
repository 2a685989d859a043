using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Data.Accounts;
using Portal.Data.Approvals;
using Portal.Data.Payments;

namespace Portal.Web.Approvals;

// What is done from the list.
public sealed partial class Approvals
{
    private Task Approve(ApprovalRow row) => Act([row], async caller =>
    {
        var result = await Decisions.Approve(caller, row.Id, row.Version);
        Tell(row, ApprovalWords.Problem(result, row.TimeZone, caller.Name), $"Approved: {ApprovalWords.Name(row)}, {ApprovalWords.Due(row)}.");
    });

    private async Task Reject(ApprovalRow row)
    {
        if (!busy.Add(row.Id))
        {
            return;
        }

        try
        {
            if (await RejectDialog.Ask(Dialogs, row))
            {
                Snackbar.Add($"Rejected: {ApprovalWords.Name(row)}. The worker sees your reason.", Severity.Success);
            }
        }
        finally
        {
            busy.Remove(row.Id);
        }

        // Also when it was not rejected: the dialogue may have found it changed.
        await LoadAfter([row]);
    }

    private Task ActOnChosen() => View.Tab == ApprovalTab.Pay ? Pay(Chosen) : ApproveTogether(Chosen);

    private async Task ApproveAllAsPlanned()
    {
        IReadOnlyList<ApprovalRow> rows = [];
        await Act([], async caller => rows = await Queue.WaitingAsPlanned(caller, View.Filter));
        await ApproveTogether(rows);
    }

    private async Task ApproveTogether(IReadOnlyList<ApprovalRow> rows)
    {
        if (rows.Count == 0 || !await Confirm(
            $"Approve {ApprovalWords.Count(rows.Count)}?",
            $"{(rows.Count == 1 ? "It is" : "All are")} as planned. {ApprovalWords.Total(rows)} in all becomes due.",
            $"Approve {rows.Count}"))
        {
            return;
        }

        await Act(rows, async caller =>
        {
            var results = await Decisions.ApproveAsPlanned(caller, [.. rows.Select(r => new TimesheetVersion(r.Id, r.Version))]);
            TellAll("Approved", rows, results.ToDictionary(r => r.Id, r => Zone(rows, r.Id) is { } zone ? ApprovalWords.Problem(r.Result, zone, caller.Name) : null));
        });
    }

    private async Task Pay(List<ApprovalRow> rows)
    {
        if (rows.Count == 0 || !await Confirm(
            rows.Count == 1 ? $"Mark {ApprovalWords.Name(rows[0])} as paid?" : $"Mark {ApprovalWords.Count(rows.Count)} as paid?",
            $"{ApprovalWords.Total(rows)} in all is recorded as paid today. This cannot be taken back.",
            rows.Count == 1 ? "Mark as paid" : $"Mark {rows.Count} as paid"))
        {
            return;
        }

        await Act(rows, async caller =>
        {
            var results = await Payments.MarkPaid(caller, [.. rows.Select(r => r.Id)]);
            TellAll("Paid", rows, results.ToDictionary(r => r.Id, r => Zone(rows, r.Id) is { } zone ? ApprovalWords.Problem(r.Result, zone, caller.Name) : null));
        });
    }

    /// <summary>Does it once, however often it is pressed, and shows the list as it is afterwards.</summary>
    private async Task Act(IReadOnlyList<ApprovalRow> rows, Func<Caller, Task> act)
    {
        if (bulkBusy || rows.Any(r => busy.Contains(r.Id)))
        {
            return;
        }

        bulkBusy = rows.Count != 1;
        busy.UnionWith(rows.Select(r => r.Id));
        try
        {
            if (await CurrentCaller.GetAsync() is not { } caller)
            {
                CurrentCaller.SignInAgain();
                return;
            }

            await act(caller);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            Outage.Log(Logger, e, "a decision or a payment");
            notices.Add(new Notice(Severity.Error, ApprovalWords.Outage));
        }
        finally
        {
            bulkBusy = false;
            busy.ExceptWith(rows.Select(r => r.Id));
        }

        if (rows.Count > 0)
        {
            await LoadAfter(rows);
        }
    }

    private async Task LoadAfter(IReadOnlyList<ApprovalRow> rows)
    {
        await Load();
        if (rows.Any(row => list?.Rows.Any(r => r.Id == row.Id) is not true))
        {
            await heading.FocusAsync(preventScroll: true);
        }
    }

    private void Tell(ApprovalRow row, string? trouble, string done)
    {
        if (trouble is null)
        {
            Snackbar.Add(done, Severity.Success);
        }
        else
        {
            notices.Add(new Notice(Severity.Warning, $"{ApprovalWords.Name(row)}: {trouble}", View.LinkTo(row.Id), "Open it"));
        }
    }

    private void TellAll(string what, IReadOnlyList<ApprovalRow> rows, Dictionary<long, string?> troubles)
    {
        var done = rows.Where(r => troubles.GetValueOrDefault(r.Id) is null).ToList();
        if (done.Count > 0)
        {
            Snackbar.Add(
                done.Count == 1
                    ? $"{what}: {ApprovalWords.Name(done[0])}, {ApprovalWords.Due(done[0])}."
                    : $"{what}: {ApprovalWords.Count(done.Count)}, {ApprovalWords.Total(done)} in all.",
                Severity.Success);
        }

        foreach (var row in rows.Except(done))
        {
            Tell(row, troubles[row.Id], "");
        }
    }

    private async Task<bool> Confirm(string title, string message, string yes) =>
        await Dialogs.ShowMessageBoxAsync(title, message, yesText: yes, cancelText: "Cancel") is true;

    private static string BulkName(List<ApprovalRow> rows, ApprovalTab tab) =>
        tab == ApprovalTab.Pay ? $"Mark {rows.Count} as paid…" : $"Approve {rows.Count}…";

    private static string? Zone(IReadOnlyList<ApprovalRow> rows, long id) => rows.FirstOrDefault(r => r.Id == id)?.TimeZone;
}
