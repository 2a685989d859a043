using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Data.Replication.Backfill;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>The quarantine by reason: one decision for all rows of a group, or row by row.</summary>
public sealed partial class QuarantineGroups(QuarantineService quarantine, CurrentCaller caller, IDialogService dialogs, ISnackbar snackbar)
    : ComponentBase
{
    private IReadOnlyList<string>? shown;
    private bool busy;

    [Parameter, EditorRequired]
    public required BackfillReport Report { get; set; }

    /// <summary>Something was decided or taken over.</summary>
    [Parameter, EditorRequired]
    public EventCallback Changed { get; set; }

    private bool IsShown(QuarantineGroup group) => shown is not null && shown.SequenceEqual(group.Reasons);

    private void Show(QuarantineGroup group) => shown = IsShown(group) ? null : group.Reasons;

    private async Task Decide(QuarantineGroup group, QuarantineDecision decision)
    {
        if (await dialogs.ShowMessageBoxAsync(
                $"{BackfillWords.Name(decision)}?",
                $"{BackfillWords.Reasons(group.Reasons)}. {BackfillWords.Consequence(decision, group.Open)} Your name is noted.",
                yesText: BackfillWords.Name(decision),
                cancelText: "Cancel") is not true)
        {
            return;
        }

        await Act(async () =>
        {
            var answer = await caller.AskAsync(by => quarantine.DecideAll(by, group, decision));
            return (answer.Trouble, BackfillWords.Noted(answer.Value?.Rows ?? 0, group.Open));
        });
    }

    private Task Rerun() => Act(async () =>
    {
        var wanted = Report.Groups.Sum(g => g.Decided);
        var answer = await caller.AskAsync(by => quarantine.Rerun(by));
        var written = answer.Value?.Rows ?? 0;
        return (answer.Trouble, written >= wanted
            ? $"{ReplicationWords.Rows(written)} taken over."
            : $"{ReplicationWords.Rows(written)} taken over; {ReplicationWords.Rows(wanted - written)} still do not fit and are below again, with what speaks against them now.");
    });

    private async Task Act(Func<Task<(Data.Replication.Trouble? Trouble, string Done)>> act)
    {
        busy = true;
        try
        {
            var (trouble, done) = await act();
            snackbar.Add(trouble is null ? done : ReplicationWords.Failed(trouble), trouble is null ? Severity.Success : Severity.Error);
        }
        finally
        {
            busy = false;
        }

        await Changed.InvokeAsync();
    }

    private static string Counts(QuarantineGroup group) => string.Join(", ", new[]
    {
        (group.Open, "to decide"), (group.Decided, "decided, not yet taken over"), (group.Skipped, "left out"), (group.Taken, "taken over as decided"),
    }.Where(c => c.Item1 > 0).Select(c => $"{ReplicationWords.Number(c.Item1)} {c.Item2}"));
}
