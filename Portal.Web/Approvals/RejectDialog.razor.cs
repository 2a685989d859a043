using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Data.Accounts;
using Portal.Data.Approvals;
using Portal.Web.Accounts;
using Portal.Web.Shell;

namespace Portal.Web.Approvals;

/// <summary>Asks for the reason of a rejection and carries it out, so that nothing typed is lost when it fails.</summary>
public partial class RejectDialog
{
    private MudTextField<string>? field;
    private ApprovalRow shown = null!;
    private string reason = "";
    private string? fieldProblem;
    private string? problem;
    private bool isBusy;
    private bool hasChanged;
    private bool isOver;
    private bool isRestored;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = null!;

    [Parameter, EditorRequired]
    public required ApprovalRow Row { get; set; }

    [Inject]
    private ApprovalQueue Queue { get; set; } = null!;

    [Inject]
    private ApprovalService Decisions { get; set; } = null!;

    [Inject]
    private CurrentCaller CurrentCaller { get; set; } = null!;

    [Inject]
    private DraftKeeper Drafts { get; set; } = null!;

    [Inject]
    private ILogger<RejectDialog> Logger { get; set; } = null!;

    /// <summary>Opens it; true when the timesheet is rejected.</summary>
    public static async Task<bool> Ask(IDialogService dialogs, ApprovalRow row)
    {
        var dialog = await dialogs.ShowAsync<RejectDialog>(
            null,
            new DialogParameters<RejectDialog> { { d => d.Row, row } },
            // A press beside it would throw away what was typed.
            new DialogOptions { BackdropClick = false, FullWidth = true, MaxWidth = MaxWidth.Small });
        return await dialog.Result is { Canceled: false };
    }

    private string DraftKey => $"reject-{Row.Id}";

    protected override async Task OnInitializedAsync()
    {
        shown = Row;
        if (await Drafts.TakeAsync(DraftKey) is { Length: > 0 } draft && reason.Length == 0)
        {
            (reason, isRestored) = (draft, true);
            await KeepDraft();
        }
    }

    private Task Typed(string text)
    {
        (reason, fieldProblem) = (text, null);
        return KeepDraft();
    }

    private Task KeepDraft() => Drafts.SaveAsync(DraftKey, reason);

    private async Task GiveUp()
    {
        // Given up on purpose: it shall not come back next time.
        await Drafts.TakeAsync(DraftKey);
        Dialog.Cancel();
    }

    private async Task Reject()
    {
        if (isBusy)
        {
            return;
        }

        isBusy = true;
        (problem, fieldProblem) = (null, null);
        try
        {
            if (await CurrentCaller.GetAsync() is not { } caller)
            {
                // What was typed waits in the browser until the person is back.
                await KeepDraft();
                CurrentCaller.SignInAgain();
                return;
            }

            var result = await Decisions.Reject(caller, shown.Id, shown.Version, reason);
            switch (result)
            {
                case DecisionResult.Done:
                    await Drafts.TakeAsync(DraftKey);
                    Dialog.Close(DialogResult.Ok(true));
                    return;
                case DecisionResult.Invalid invalid:
                    fieldProblem = invalid.Message;
                    break;
                default:
                    problem = ApprovalWords.Problem(result, shown.TimeZone, caller.Name);
                    await LookAgain(caller);
                    break;
            }
        }
        catch (Exception e) when (Outage.Is(e))
        {
            Outage.Log(Logger, e, "a rejection");
            problem = ApprovalWords.Outage;
        }
        finally
        {
            isBusy = false;
        }

        if (fieldProblem is not null && field is not null)
        {
            await field.FocusAsync();
        }
    }

    // Hours changed and submitted again can be decided on right here, now that they are seen.
    private async Task LookAgain(Caller caller)
    {
        if ((await Queue.Find(caller, shown.Id))?.Row is { CanDecide: true } now)
        {
            (shown, hasChanged) = (now, true);
        }
        else
        {
            isOver = true;
        }
    }
}
