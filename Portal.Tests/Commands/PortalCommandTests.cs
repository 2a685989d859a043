using System.Net;
using System.Net.Sockets;
using Npgsql;
using Portal.Data.Databases.Embedded;
using Portal.Tests.Support;

namespace Portal.Tests.Commands;

/// <summary>The program as it is started from a shell.</summary>
public sealed class PortalCommandTests : IDisposable
{
    private readonly string _directory = PostgresClusters.NewDirectory();

    public void Dispose() => PostgresClusters.Remove(_directory);

    [Fact]
    public async Task Without_a_verb_it_serves_on_databases_of_its_own_and_stops_them_at_the_end()
    {
        await using var portal = await StartOnOwnDatabasesAsync();
        using var client = new HttpClient();
        (await client.GetAsync(new Uri(await AddressAsync(portal), "/healthz/live"), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        portal.Output.ShouldContain("Starting PostgreSQL ");

        (await portal.StopAsync()).ShouldBe(0);
        IsRunning().ShouldBeFalse();
    }

    [Fact]
    public async Task After_a_kill_the_next_start_uses_the_servers_that_were_left()
    {
        await using (var killed = await StartOnOwnDatabasesAsync())
        {
            await AddressAsync(killed);
            await killed.StopAsync("KILL");
        }

        IsRunning().ShouldBeTrue();
        await using var portal = await StartOnOwnDatabasesAsync();
        await AddressAsync(portal);
        portal.Output.ShouldContain("is still running");

        (await portal.StopAsync("INT")).ShouldBe(0);
        IsRunning().ShouldBeFalse();
    }

    [Fact]
    public async Task A_verb_works_beside_the_portal_and_a_second_portal_does_not()
    {
        await using var portal = await StartOnOwnDatabasesAsync();
        var address = await AddressAsync(portal);

        await using var verb = PortalProcess.Start([.. await OwnDatabasesAsync(), "migrate"]);
        (await verb.EndsAsync()).ShouldBe(0, verb.Output);
        verb.Output.ShouldContain("Nothing to apply; both databases are up to date.");

        await using var second = await StartOnOwnDatabasesAsync();
        (await second.EndsAsync()).ShouldBe(2);
        second.Output.ShouldStartWith($"Another portal (process {portal.Id}) is already running");

        using var client = new HttpClient();
        (await client.GetAsync(new Uri(address, "/healthz/live"), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_request_to_end_during_the_first_start_leaves_no_server_running()
    {
        await using var portal = await StartOnOwnDatabasesAsync();
        await portal.SaysAsync("Starting PostgreSQL ");
        (await portal.StopAsync()).ShouldBe(130);
        IsRunning().ShouldBeFalse();
    }

    [Fact]
    public async Task With_servers_of_ones_own_it_starts_none_and_does_not_migrate()
    {
        await using var databases = await TestDatabases.CreateAsync();
        await using (var portal = PortalProcess.Start(databases.Configuration, "--Urls=http://127.0.0.1:0"))
        {
            await AddressAsync(portal);
            portal.Output.ShouldNotContain("PostgreSQL");
            (await portal.StopAsync()).ShouldBe(0);
        }

        await using (var forget = databases.SuperuserOfOld.CreateCommand("delete from portal_migration.journal"))
        {
            await forget.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using var refusing = PortalProcess.Start(databases.Configuration, "--Urls=http://127.0.0.1:0");
        (await refusing.EndsAsync()).ShouldBe(2);
        refusing.Output.ShouldContain("Run the portal once with the verb `migrate`");
    }

    [Fact]
    public async Task An_address_that_is_taken_is_named()
    {
        await using var databases = await TestDatabases.CreateAsync();
        using var somebody = new TcpListener(IPAddress.Loopback, 0);
        somebody.Start();
        var address = $"http://{somebody.LocalEndpoint}";

        await using var portal = PortalProcess.Start(databases.Configuration, $"--Urls={address}");
        (await portal.EndsAsync()).ShouldBe(2);
        portal.Output.ShouldContain($"Failed to bind to address {address}: address already in use. Stop the program that uses it");
    }

    [Fact]
    public async Task A_dry_run_lists_the_scripts_and_no_password_is_said()
    {
        await using var databases = await TestDatabases.CreateAsync();
        await using (var forget = databases.SuperuserOfNew.CreateCommand("delete from portal_migration.journal where scriptname like 'new/replication/%'"))
        {
            await forget.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using var dryRun = PortalProcess.Start(databases.Configuration, "migrate", "--dry-run");
        (await dryRun.EndsAsync()).ShouldBe(0, dryRun.Output);
        dryRun.Output.ShouldStartWith("Would be applied:\n  new/replication/10_mapping.sql");

        await using var migrate = PortalProcess.Start(databases.Configuration, "migrate");
        (await migrate.EndsAsync()).ShouldBe(0, migrate.Output);
        migrate.Output.ShouldEndWith("scripts applied.");
        migrate.Output.ShouldNotContain(new NpgsqlConnectionStringBuilder(databases.Settings.New).Password ?? "");
    }

    [Theory]
    [InlineData("migrat", "'migrat' is not known here. See --help.")]
    [InlineData("migrate --dry-run now", "'now' is not known here. See --help.")]
    [InlineData("--ConnectionStrings:New=Host=nowhere", "ConnectionStrings:New is set, but ConnectionStrings:Old is not.")]
    [InlineData("demo --timesheets none", "--timesheets takes a number above 0.")]
    public async Task A_slip_on_the_command_line_is_named(string arguments, string message)
    {
        await using var portal = PortalProcess.Start(arguments.Split(' '));
        (await portal.EndsAsync()).ShouldBe(2);
        portal.Output.ShouldContain(message);
    }

    [Fact]
    public async Task The_help_names_verbs_and_exit_codes()
    {
        await using var help = PortalProcess.Start("--help");
        (await help.EndsAsync()).ShouldBe(0);
        foreach (var word in (string[])["migrate", "demo", "sync", "Exit codes", "http://localhost:5080"])
        {
            help.Output.ShouldContain(word);
        }
    }

    private async Task<PortalProcess> StartOnOwnDatabasesAsync() => PortalProcess.Start(["--Urls=http://127.0.0.1:0", .. await OwnDatabasesAsync()]);

    private async Task<string[]> OwnDatabasesAsync() =>
        [$"--Embedded:DataDirectory={_directory}", $"--Embedded:BinaryDirectory={await PostgresClusters.BinaryDirectoryAsync()}"];

    private bool IsRunning() =>
        Postmaster.Of(Path.Combine(_directory, "new")) is not null || Postmaster.Of(Path.Combine(_directory, "old")) is not null;

    private static async Task<Uri> AddressAsync(PortalProcess portal) =>
        new((await portal.SaysAsync("Portal is ready on ")).Split(' ')[4]);
}
