using Portal.Data.Databases;
using Portal.Web.Commands;

return await PortalCommand.RunAsync(args, static builder =>
{
    builder.Services.AddPortalDatabases(builder.Configuration);
    builder.Services.AddHealthChecks();

    var app = builder.Build();
    app.MapHealthChecks("/healthz/live");
    return app;
});
