using System.Data.Common;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>Shows what a repair would change, asks why, and begins it.</summary>
public partial class RepairDialog
{
    private const int Listed = 50;

    private RepairPreview? preview;
    private string why = "";
    private bool overwrite;
    private string? fieldProblem;
    private string? problem;
    private bool isBusy;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = null!;

    [Parameter, EditorRequired]
    public required RepairScope Scope { get; set; }

    [Inject]
    private Repairs Repairs { get; set; } = null!;

    [Inject]
    private CurrentCaller CurrentCaller { get; set; } = null!;

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

    protected override Task OnInitializedAsync() => Try(async () =>
    {
        var answer = await Repairs.Preview(await CurrentCaller.GetAsync(), Scope);
        (preview, problem) = (answer.Value, Words(answer.Trouble));
    });

    private bool IsLeft(FoundDifference row) =>
        row.Cause == DifferenceCause.LeftOut || (row.Cause == DifferenceCause.WrittenByOther && !overwrite);

    private async Task Begin()
    {
        fieldProblem = string.IsNullOrWhiteSpace(why) ? "Say why, for those who read the log later." : null;
        if (fieldProblem is not null || isBusy)
        {
            return;
        }

        await Try(async () =>
        {
            var answer = await Repairs.Start(await CurrentCaller.GetAsync(), Scope, why, overwrite);
            problem = Words(answer.Trouble);
            if (answer.Value is { } begun)
            {
                Dialog.Close(DialogResult.Ok(begun));
            }
        });
    }

    private async Task Try(Func<Task> act)
    {
        isBusy = true;
        try
        {
            await act();
        }
        catch (Exception failure) when ((failure as DbException ?? failure.InnerException) is DbException)
        {
            // Accounts are in the new database.
            problem = Words(Trouble.NewDatabaseAway);
        }
        finally
        {
            isBusy = false;
        }
    }

    private static string? Words(Trouble? trouble) => trouble is null ? null : $"{trouble.Summary} {trouble.Check}";
}
