using MudBlazor;
using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>The triggers that carry changes to the old database, whether they fire and are as they were made, and what can be done to them.</summary>
public sealed partial class Triggers(
    ReplicationTriggers triggers, TriggerSwitch control, CurrentCaller caller, IDialogService dialogs, ISnackbar snackbar, TimeProvider time)
    : LiveReportPage<TriggerReport>(caller, time)
{
    protected override TimeSpan Interval => TimeSpan.FromSeconds(10);

    protected override Task<Answer<TriggerReport>> Ask(Caller? by, CancellationToken cancel) => triggers.List(by, cancel);

    private Task Ask((ReplicationTrigger Trigger, TriggerChange Change) wanted)
    {
        var (question, consequence) = TriggerWords.Changing(wanted.Trigger, wanted.Change);
        return Change(question, consequence, wanted.Change, [wanted.Trigger]);
    }

    private Task ReinstallAll()
    {
        ReplicationTrigger[] which = [.. Report?.ToReinstall ?? []];
        var (question, consequence) = TriggerWords.Reinstalling(which);
        return Change(question, consequence, TriggerChange.Reinstall, which);
    }

    private async Task Change(string question, string consequence, TriggerChange change, ReplicationTrigger[] which)
    {
        var isDone = await ReasonDialog.Ask(dialogs, new ReasonQuestion(question, consequence, TriggerWords.Name(change), Do, IsGrave: change == TriggerChange.Disable));
        if (isDone)
        {
            snackbar.Add("Done. It stands in the audit log.", Severity.Success);
        }

        // Also when it was given up: a part may be done.
        await Load();

        async Task<Trouble?> Do(string reason) => (await AskAsCaller(by => control.Change(by, which, change, reason))).Trouble;
    }
}
