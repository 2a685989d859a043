using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;
using Portal.Web.Accounts;
using Portal.Web.Shell;

namespace Portal.Web.Replication;

/// <summary>Shows what a repair would change, asks why, and begins it.</summary>
public sealed partial class RepairDialog(Repairs repairs, CurrentCaller caller, DraftKeeper drafts) : IDisposable
{
    private const int Listed = 50;

    private readonly CancellationTokenSource closed = new();

    private RepairPreview? preview;
    private string why = "";
    private bool overwrite;
    private string? fieldProblem;
    private string? problem;
    private bool isBusy;
    private bool isBegun;
    private bool isRestored;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = null!;

    [Parameter, EditorRequired]
    public required RepairScope Scope { get; set; }

    // Not once it was begun, also where that could not be seen any more.
    private bool MayBegin => !isBegun && preview is { } shown && (shown.Changes > 0 || shown.Looked < shown.Total);

    private string DraftKey => $"repair-{Scope.Comparison}";

    /// <summary>Opens it.</summary>
    /// <returns>The repair that was begun; null when it was given up.</returns>
    public static async Task<Repair?> Ask(IDialogService dialogs, RepairScope scope)
    {
        var dialog = await dialogs.ShowAsync<RepairDialog>(
            null,
            new DialogParameters<RepairDialog> { { d => d.Scope, scope } },
            // A press beside it would throw away what was typed.
            new DialogOptions { BackdropClick = false, FullWidth = true, MaxWidth = MaxWidth.Medium });
        return await dialog.Result is { Canceled: false, Data: Repair begun } ? begun : null;
    }

    protected override async Task OnInitializedAsync()
    {
        if (await drafts.TakeAsync(DraftKey) is { Length: > 0 } draft)
        {
            (why, isRestored) = (draft, true);
            await drafts.SaveAsync(DraftKey, why);
        }

        var untilClosed = closed.Token;
        try
        {
            // May take long: it waits for rows that are just being written.
            var answer = await caller.AskAsync(by => repairs.Preview(by, Scope, untilClosed));
            (preview, problem) = (answer.Value, Words(answer.Trouble));
        }
        catch (OperationCanceledException) when (untilClosed.IsCancellationRequested)
        {
            // Given up meanwhile.
        }
    }

    private Task Typed(string text)
    {
        why = text;
        return drafts.SaveAsync(DraftKey, why);
    }

    private async Task GiveUp()
    {
        // On purpose: it shall not come back next time.
        await drafts.TakeAsync(DraftKey);
        Dialog.Cancel();
    }

    private bool IsLeft(FoundDifference row) =>
        row.Cause == DifferenceCause.LeftOut || (row.Cause == DifferenceCause.WrittenByOther && !overwrite);

    private async Task Begin()
    {
        fieldProblem = string.IsNullOrWhiteSpace(why) ? "Say why, for those who read the log later." : null;
        if (fieldProblem is not null || isBusy)
        {
            return;
        }

        isBusy = true;
        var answer = await caller.AskAsync(by => repairs.Start(by, Scope, why, overwrite));
        (problem, isBusy, isBegun) = (Words(answer.Trouble), false, answer.Trouble is null or { Done: not null });
        if (isBegun)
        {
            await drafts.TakeAsync(DraftKey);
        }

        if (answer.Value is { } begun)
        {
            Dialog.Close(DialogResult.Ok(begun));
        }
    }

    public void Dispose()
    {
        closed.Cancel();
        closed.Dispose();
    }

    private static string? Words(Trouble? trouble) => trouble is null ? null : ReplicationWords.Said(trouble);
}
