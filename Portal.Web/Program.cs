using Portal.Data.Databases;
using Portal.Web.Accounts;
using Portal.Web.Commands;
using Portal.Web.Shell;

return await PortalCommand.RunAsync(args, static builder =>
{
    builder.Services.AddPortalDatabases(builder.Configuration);
    builder.Services.AddPortalAccounts();
    builder.Services.AddPortalShell();
    builder.Services.AddHealthChecks();

    var app = builder.Build();
    app.UsePortalShell();
    app.UsePortalAccounts();
    app.MapPortalShell();
    app.MapHealthChecks("/healthz/live");
    return app;
});
