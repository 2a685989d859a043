using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>The foreign servers of the new database, and whether the old one answers.</summary>
public sealed partial class Servers(ForeignServers servers, CurrentCaller caller) : ReportPage<ServerReport>(caller)
{
    protected override Task OnInitializedAsync() => Load();

    protected override Task<Answer<ServerReport>> Ask(Caller? by, CancellationToken cancel) => servers.List(by, cancel);
}
