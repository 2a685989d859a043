using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Data.Replication;
using Portal.Web.Shell;

namespace Portal.Web.Replication;

/// <summary>What a <see cref="ReasonDialog"/> asks.</summary>
/// <param name="Question">What is about to be done.</param>
/// <param name="Consequence">What will happen, in the user's words.</param>
/// <param name="Yes">The word for going ahead.</param>
/// <param name="Act">Does it, given the reason; returns why it could not be done.</param>
/// <param name="IsGrave">Whether something stops working by it.</param>
/// <param name="More">Further things to see before one decides.</param>
public sealed record ReasonQuestion(
    string Question, string Consequence, string Yes, Func<string, Task<Trouble?>> Act, bool IsGrave = false, RenderFragment? More = null);

/// <summary>Asks for the reason of an admin's action and carries it out, so that nothing typed is lost when it fails.</summary>
public partial class ReasonDialog(DraftKeeper drafts)
{
    private MudTextField<string>? field;
    private string reason = "";
    private bool isMissing;
    private bool isBusy;
    private bool isRestored;
    private Trouble? trouble;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = null!;

    [Parameter, EditorRequired]
    public string Question { get; set; } = "";

    [Parameter, EditorRequired]
    public string Consequence { get; set; } = "";

    [Parameter, EditorRequired]
    public string Yes { get; set; } = "";

    [Parameter, EditorRequired]
    public Func<string, Task<Trouble?>> Act { get; set; } = _ => Task.FromResult<Trouble?>(null);

    [Parameter]
    public bool IsGrave { get; set; }

    [Parameter]
    public RenderFragment? More { get; set; }

    /// <summary>Opens it; true when what was asked for is done.</summary>
    public static async Task<bool> Ask(IDialogService dialogs, ReasonQuestion question)
    {
        var dialog = await dialogs.ShowAsync<ReasonDialog>(
            null,
            new DialogParameters<ReasonDialog>
            {
                { d => d.Question, question.Question },
                { d => d.Consequence, question.Consequence },
                { d => d.Yes, question.Yes },
                { d => d.Act, question.Act },
                { d => d.IsGrave, question.IsGrave },
                { d => d.More, question.More },
            },
            // A press beside it would throw away what was typed.
            new DialogOptions { BackdropClick = false, FullWidth = true, MaxWidth = question.More is null ? MaxWidth.Small : MaxWidth.Medium });
        return await dialog.Result is { Canceled: false };
    }

    // Done, but not to be seen: once more would do it twice.
    private bool IsDone => trouble?.Done is not null;

    private string DraftKey => $"reason-{Question}";

    protected override async Task OnInitializedAsync()
    {
        if (await drafts.TakeAsync(DraftKey) is { Length: > 0 } draft && reason.Length == 0)
        {
            (reason, isRestored) = (draft, true);
            await drafts.SaveAsync(DraftKey, reason);
        }
    }

    private Task Typed(string text)
    {
        (reason, isMissing) = (text, false);
        return drafts.SaveAsync(DraftKey, reason);
    }

    private async Task GiveUp()
    {
        // Given up on purpose: it shall not come back next time.
        await drafts.TakeAsync(DraftKey);
        Dialog.Close(IsDone ? DialogResult.Ok(true) : DialogResult.Cancel());
    }

    private async Task Go()
    {
        if (isBusy)
        {
            return;
        }

        if (string.IsNullOrWhiteSpace(reason))
        {
            isMissing = true;
            await (field?.FocusAsync() ?? ValueTask.CompletedTask);
            return;
        }

        (isBusy, trouble) = (true, null);
        try
        {
            trouble = await Act(reason);
        }
        finally
        {
            isBusy = false;
        }

        if (trouble is null || IsDone)
        {
            await drafts.TakeAsync(DraftKey);
        }

        if (trouble is null)
        {
            Dialog.Close(DialogResult.Ok(true));
        }
    }
}
