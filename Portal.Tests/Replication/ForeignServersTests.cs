using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using Portal.Data.Replication;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

[EveryPostgres]
public sealed class ForeignServersTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_old_server_is_shown_with_its_options_mappings_and_tables_and_reached_both_ways()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var report = await Report(scene);

        var server = report.Servers.ShouldHaveSingleItem();
        server.Name.ShouldBe(ForeignServers.OldServer);
        server.Owner.ShouldBe("portal_owner");
        server.Options.Take(3).Select(o => o.Name).ShouldBe(["host", "port", "dbname"]);
        server.UserMappings.Select(m => (m.LocalRole, m.RemoteUser)).ShouldBe([("portal_owner", "replicator"), ("public", "portal")], ignoreOrder: true);
        var table = server.Tables.Single(t => t.IsReadable);
        (table.Schema, table.Name).ShouldBe(("timesheet_old_schema", "timesheet_old"));
        server.Reach.ShouldNotBeNull().Reachable.ShouldBeTrue();
        server.Reach.Latency.ShouldNotBeNull();
        report.Directly.Reachable.ShouldBeTrue();
        report.Directly.ServerVersion.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task No_password_is_in_what_the_admin_gets()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var everything = JsonSerializer.Serialize(await Report(scene));

        foreach (var password in Passwords(scene))
        {
            everything.ShouldNotContain(password);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stopped_or_hanging_old_server_is_reported_within_three_seconds(bool hangs)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await Report(scene);
        if (hangs)
        {
            scene.Link.Hang();
        }
        else
        {
            scene.Link.Stop();
        }

        var start = Stopwatch.GetTimestamp();
        var report = await Report(scene);

        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(3));
        foreach (var trouble in new[] { report.Servers[0].Reach?.Trouble, report.Directly.Trouble })
        {
            trouble.ShouldNotBeNull().Kind.ShouldBe(TroubleKind.OldDatabase);
            trouble.Summary.ShouldBe(hangs ? "The old database did not answer in time." : "The old database cannot be reached.");
        }
    }

    [Fact]
    public async Task An_old_server_that_is_started_again_is_reached_again()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var port = scene.Link.Port;
        await Report(scene);
        scene.Link.Stop();
        (await Report(scene)).Directly.Reachable.ShouldBeFalse();

        scene.Link.Start(port);
        var report = await Report(scene);

        report.Directly.Reachable.ShouldBeTrue();
        report.Servers[0].Reach.ShouldNotBeNull().Reachable.ShouldBeTrue();
    }

    [Theory]
    [InlineData("alter user mapping for public server timesheet_old_server options (set password 'wrong')", "The old database refused the login.", "08001")]
    [InlineData("alter server timesheet_old_server options (set dbname 'nowhere')", "The old server has no database of that name.", "08001")]
    [InlineData("alter user mapping for public server timesheet_old_server options (drop password)",
        "The old database asked for no password, and the new one does not accept that.", "2F003")]
    [InlineData("alter foreign table timesheet_old_schema.timesheet_old options (set table_name 'gone')",
        "The old table is not there any more.", "42P01")]
    public async Task What_is_wrong_with_the_connection_is_said_in_words(string change, string summary, string code)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync(change);

        var trouble = (await Report(scene)).Servers[0].Reach.ShouldNotBeNull().Trouble.ShouldNotBeNull();

        trouble.Summary.ShouldBe(summary);
        trouble.Code.ShouldBe(code);
        trouble.Check.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("revoke select on timesheet_old from portal_app", "The old database does not let this user read the table.")]
    [InlineData("alter table timesheet_old rename to timesheet_older", "The old table is not there any more.")]
    public async Task What_was_changed_in_the_old_database_is_said_in_words(string change, string summary)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync(change);

        (await Report(scene)).Servers[0].Reach.ShouldNotBeNull().Trouble.ShouldNotBeNull().Summary.ShouldBe(summary);
    }

    [Fact]
    public async Task A_renamed_old_column_is_said_in_words_where_it_is_read()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old rename column is_paid to paid");

        var answer = await scene.Comparison.Summarise(ReplicationScene.Admin, Cancel);

        answer.Trouble.ShouldNotBeNull().Summary.ShouldBe("A column of the old table was renamed, removed or changed.");
    }

    internal static IEnumerable<string> Passwords(ReplicationScene scene) =>
        new[] { scene.Databases.Settings.Portal.New, scene.Databases.Settings.Portal.Old, scene.Databases.Settings.New, scene.Databases.Settings.Old }
            .Select(s => new NpgsqlConnectionStringBuilder(s).Password)
            .Append(scene.Databases.Settings.ForeignServer.Password)
            .OfType<string>()
            .Where(p => p.Length > 0);

    private static async Task<ServerReport> Report(ReplicationScene scene) =>
        (await scene.Servers.List(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull();
}
