using Microsoft.Playwright;
using Npgsql;
using Portal.Data.Databases.Embedded;
using Portal.Tests.Support;

namespace Portal.Tests.Journeys;

/// <summary>The portal as its README starts it, with embedded databases and demo data, and a browser to look at it.</summary>
public sealed class RunningPortal : IAsyncLifetime
{
    private readonly string directory = PostgresClusters.NewDirectory();
    private PortalProcess? process;
    private IPlaywright? playwright;
    private IBrowser? browser;
    private string address = "";

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        playwright = await Playwright.CreateAsync();
        browser = await Chromium.LaunchAsync(playwright);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
        if (process is not null)
        {
            await process.StopAsync();
            await process.DisposeAsync();
        }

        PostgresClusters.Remove(directory);
    }

    /// <summary>Kills it, as a crash does. Its databases run on.</summary>
    public ValueTask CrashAsync() => process?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>What somebody does with psql: in timesheet_new or timesheet_old, as a superuser.</summary>
    /// <returns>The first value, if there is one.</returns>
    public async Task<object?> PsqlAsync(string service, string sql)
    {
        await using var database = NpgsqlDataSource.Create(ServiceFile.Load(Path.Combine(directory, "pg_service.conf")).ConnectionString(service));
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Starts it, at the beginning and after a crash. Visitors have to come anew.</summary>
    public async Task StartAsync()
    {
        // Alarms come and go quickly, and what is planted is left to those who look for it.
        process = PortalProcess.Start([
            $"--Embedded:DataDirectory={directory}", "--Urls=http://127.0.0.1:0",
            "--Alarms:Interval=00:00:01", "--Alarms:Quiet=00:00:01", "--Replication:Worker:VerifyInterval=01:00:00"]);
        var ready = await process.SaysAsync("Portal is ready on");
        address = ready.Split(' ').First(word => word.StartsWith("http", StringComparison.Ordinal));
    }

    /// <summary>A browser of somebody's own. It must ask nobody but the portal for anything.</summary>
    public async Task<Visitor> VisitAsync(int width = 1440, ColorScheme colours = ColorScheme.Light)
    {
        var context = await (browser ?? throw new InvalidOperationException("The portal does not run.")).NewContextAsync(new()
        {
            BaseURL = address,
            ViewportSize = new() { Width = width, Height = width < 600 ? 844 : 900 },
            ColorScheme = colours,
            Locale = "en-GB",
        });
        return new Visitor(context, await context.NewPageAsync(), address);
    }

    public async Task<Visitor> SignInAsync(string account, int width = 1440, ColorScheme colours = ColorScheme.Light)
    {
        var visitor = await VisitAsync(width, colours);
        await visitor.SignInAsync(account);
        return visitor;
    }
}
