using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>The triggers that carry changes to the old database, and whether they fire.</summary>
public sealed partial class Triggers(ReplicationTriggers triggers, CurrentCaller caller) : ReportPage<TriggerReport>(caller)
{
    protected override Task OnInitializedAsync() => Load();

    protected override Task<Answer<TriggerReport>> Ask(Caller? by, CancellationToken cancel) => triggers.List(by, cancel);
}
