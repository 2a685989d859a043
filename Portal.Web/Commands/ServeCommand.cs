using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;
using Portal.Data.Demo;

namespace Portal.Web.Commands;

internal static class ServeCommand
{
    public static async Task<int> RunAsync(
        IReadOnlyList<string> settings, Func<WebApplicationBuilder, WebApplication> compose, CancellationToken cancellation)
    {
        // appsettings.json lies beside the program, whatever the current directory.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = [.. settings], ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseStaticWebAssets();
        UseDefaultAddress(builder);
        await using var embedded = await CommandDatabases.StartEmbeddedAsync(builder.Configuration, asPortal: true, Console.WriteLine, cancellation);
        await (embedded is null ? CheckAsync(builder.Configuration, cancellation) : PrepareAsync(builder.Configuration, cancellation));

        await using var app = compose(builder);
        app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"Portal is ready on {string.Join(" and ", app.Urls)} (Ctrl+C stops it)."));
        await app.StartAsync(cancellation);
        await app.WaitForShutdownAsync(cancellation);
        return ExitCodes.Done;
    }

    // Not under "Urls" in appsettings.json, where it would outdo ASPNETCORE_URLS.
    private static void UseDefaultAddress(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        string[] chosen = [WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey, "Kestrel:Endpoints:Http:Url", "Kestrel:Endpoints:Https:Url"];
        if (chosen.All(key => string.IsNullOrEmpty(configuration[key])) && configuration["DefaultUrls"] is { } address)
        {
            builder.WebHost.UseUrls(address);
        }
    }

    // The portal's own servers are its own to change.
    private static async Task PrepareAsync(IConfiguration configuration, CancellationToken cancellation)
    {
        var migration = MigrationSettings.From(configuration);
        await new Migration(migration, Console.WriteLine).ApplyAsync(cancellation);
        await using var newDatabase = DatabaseServices.DataSource(MigrationSettings.AsOwner(migration.New));
        if (!await DemoData.IsLoadedAsync(newDatabase, cancellation))
        {
            await DemoData.LoadAsync(newDatabase, timesheets: null, Console.WriteLine, cancellation);
        }

        await DemoAccounts.CreateAsync(newDatabase, cancellation);
    }

    private static async Task CheckAsync(IConfiguration configuration, CancellationToken cancellation)
    {
        var check = new DatabaseCheck(ConnectionSettings.From(configuration));
        foreach (var warning in await check.RunAsync(cancellation))
        {
            Console.WriteLine(warning);
        }
    }
}
