using System.Text.Json;
using Portal.Tests.Replication;
using static Portal.Tests.Commands.SyncCommandTests;

namespace Portal.Tests.Commands;

public sealed class SyncSwitchTests
{
    private const string Change = "update timesheet_new set status = 'draft' where id in (1, 2)";

    [Theory]
    [InlineData("paused", "pause")]
    [InlineData("paused", "mode", "paused")]
    [InlineData("queued", "mode", "queued")]
    [InlineData("queued", "mode", "Queued")]
    public async Task The_mode_is_switched_and_noted(string mode, params string[] command)
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var (code, output) = await Run(scene, command);

        (code, output.Trim()).ShouldBe((0, $"Mode: {mode}."));
        (await scene.NewAsync<string>("select mode from replication.control")).ShouldBe(mode);
        (await scene.NewAsync<string>($"select account from replication.audit where after ->> 'mode' = '{mode}'"))
            .ShouldBe($"{Environment.UserName} (command line)");
    }

    [Fact]
    public async Task Resume_is_synchronous_again()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await Run(scene, "pause");

        (await Run(scene, "resume")).ShouldBe((0, $"Mode: synchronous.{Environment.NewLine}"));

        await scene.NewAsync(Change);
        (await Run(scene, "status")).Code.ShouldBe(0);
    }

    [Theory]
    [InlineData("mode")]
    [InlineData("mode", "fast")]
    [InlineData("mode", "1")]
    public async Task A_mode_that_there_is_not_changes_nothing(params string[] command)
    {
        await using var scene = await ReplicationScene.CreateAsync();

        (await Portal.Web.Commands.PortalCommand.RunAsync(
            ["sync", .. command, .. scene.Configuration.Select(c => $"--{c.Key}={c.Value}")],
            _ => throw new InvalidOperationException("Nothing is served."))).ShouldBe(2);

        (await scene.NewAsync<string>("select mode from replication.control")).ShouldBe("synchronous");
    }

    [Fact]
    public async Task Drain_delivers_what_waits()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await Run(scene, "mode", "queued");
        await scene.NewAsync(Change);
        (await Run(scene, "status")).Code.ShouldBe(1);

        (await Run(scene, "drain")).ShouldBe((0, $"2 rows delivered; nothing waits any more.{Environment.NewLine}"));

        (await scene.OldAsync<long>("select count(*) from timesheet_old where status = 'draft'")).ShouldBe(2);
        (await Run(scene, "drain")).ShouldBe((0, $"Nothing waits.{Environment.NewLine}"));
    }

    [Fact]
    public async Task Drain_while_paused_ends_with_1_and_names_the_way_out()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await Run(scene, "pause");
        await scene.NewAsync(Change);

        var (code, output) = await Run(scene, "drain");

        code.ShouldBe(1);
        output.ShouldContain("sync resume");
    }

    [Fact]
    public async Task Drain_while_the_old_database_is_away_ends_with_2_and_loses_nothing()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await Run(scene, "mode", "queued");
        await scene.NewAsync(Change);
        scene.Link.Stop();

        var (code, output) = await Run(scene, "drain");

        code.ShouldBe(2);
        output.ShouldStartWith("The old database cannot be reached.");
        (await scene.Outbox.ReadAsync(TestContext.Current.CancellationToken)).OutboxKeys.ShouldBe(2);
    }

    [Fact]
    public async Task Drain_closes_a_breaker_that_it_has_found_needless()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync($"select replication.not_written('08001', 'gone'); {Change}");

        (await Run(scene, "drain")).Code.ShouldBe(0);

        (await scene.NewAsync<string>("select breaker from replication.control")).ShouldBe("closed");
    }

    [Fact]
    public async Task Status_tells_what_waits_what_is_refused_and_what_went_wrong_last()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old add constraint no_drafts check (status <> 'draft')");
        await scene.NewAsync(Change);
        await scene.NewAsync("""
            select replication.not_written('08001', 'could not connect');
            select replication.verify('timesheet_old');
            update timesheet_new set status = 'submitted' where id = 5;
            """);

        var (code, output) = await Run(scene, "status");
        var json = JsonDocument.Parse((await Run(scene, "status", "--json")).Output).RootElement;

        code.ShouldBe(1);
        output.ShouldContain("Breaker       open since ");
        output.ShouldMatch(@"Set aside +2 rows");
        output.ShouldContain("no_drafts");
        output.ShouldContain("(08001) could not connect");
        output.ShouldMatch("Verified +.* 2 different");
        json.GetProperty("state").GetString().ShouldBe("catchingUp");
        json.GetProperty("breaker").GetProperty("state").GetString().ShouldBe("open");
        json.GetProperty("outbox").GetProperty("length").GetInt64().ShouldBe(3);
        json.GetProperty("outbox").GetProperty("oldestAgeMs").GetDouble().ShouldBeGreaterThan(0);
        json.GetProperty("setAside").GetProperty("rows")[0].GetProperty("code").GetString().ShouldBe("23514");
        json.GetProperty("lastError").GetProperty("message").GetString().ShouldBe("could not connect");
        json.GetProperty("lastVerification").GetProperty("differences").GetInt64().ShouldBe(2);
    }
}
