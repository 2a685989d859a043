using Portal.Data.Approvals;
using Portal.Data.Databases;
using Portal.Data.Replication;
using Portal.Data.Replication.Alarms;
using Portal.Data.Timesheets;
using Portal.Web.Accounts;
using Portal.Web.Commands;
using Portal.Web.Replication;
using Portal.Web.Shell;

return await PortalCommand.RunAsync(args, static builder =>
{
    builder.Services.AddPortalDatabases(builder.Configuration);
    builder.Services.AddPortalAccounts();
    builder.Services.AddPortalTimesheets();
    builder.Services.AddPortalApprovals();
    builder.Services.AddPortalReplication();
    builder.Services.AddPortalReplicationWorker(builder.Configuration);
    builder.Services.AddPortalAlarms(builder.Configuration);
    builder.Services.AddPortalShell();
    builder.Services.AddPortalOperating();

    var app = builder.Build();
    app.UsePortalShell();
    app.UsePortalAccounts();
    app.MapPortalShell();
    app.MapPortalOperating();
    return app;
});
