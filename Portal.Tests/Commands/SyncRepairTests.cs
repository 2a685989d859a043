using System.Text.Json;
using Portal.Tests.Replication;
using Portal.Web.Commands;

namespace Portal.Tests.Commands;

public sealed class SyncRepairTests
{
    [Fact]
    public async Task A_dry_run_shows_what_would_change_and_ends_with_1()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("update timesheet_old set status = 'draft' where id = 4; truncate portal_replication.other_write");

        var (code, output) = await SyncCommandTests.Run(scene, "repair", "--key", "4", "5", "--dry-run");

        code.ShouldBe(1);
        output.ShouldBe("""
            1 row would change.

            timesheet  would be  likely cause  column  now    then
            4          Changed   Not known     status  draft  approved

            """.ReplaceLineEndings());
        (await scene.OldAsync<string>("select status from timesheet_old where id = 4")).ShouldBe("draft");
        (await SyncCommandTests.Run(scene, "repair", "--key", "5", "--dry-run")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task A_dry_run_counts_what_somebody_else_wrote_only_when_it_would_be_overwritten()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("update timesheet_old set status = 'draft' where id = 4");

        var (kept, said) = await SyncCommandTests.Run(scene, "repair", "--key", "4", "--dry-run");
        var (overwritten, _) = await SyncCommandTests.Run(scene, "repair", "--key", "4", "--dry-run", "--overwrite");

        (kept, overwritten).ShouldBe((0, 1));
        said.ShouldStartWith("Nothing would change. 1 row was written in the old database by somebody else;");
    }

    [Fact]
    public async Task A_dry_run_that_has_not_looked_at_all_ends_with_1()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("insert into timesheet_old select (jsonb_populate_record(t, jsonb_build_object('id', n))).* from timesheet_old t, generate_series(701, 1300) n where t.id = 1");

        var (code, output) = await SyncCommandTests.Run(scene, ["repair", "--key", .. Enumerable.Range(701, 600).Select(n => $"{n}"), "--dry-run"]);

        code.ShouldBe(1);
        output.ShouldStartWith("Nothing of what was looked at would change.");
    }

    [Fact]
    public async Task All_that_a_comparison_found_is_repaired()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("delete from timesheet_old where id in (2, 4); truncate portal_replication.other_write");
        var run = JsonDocument.Parse((await SyncCommandTests.Run(scene, "compare", "--json")).Output).RootElement.GetProperty("run").GetInt64();

        var (code, output) = await SyncCommandTests.Run(scene, "repair", "--run", $"{run}", "--reason", "lost rows", "--json");

        code.ShouldBe(0);
        var repair = JsonDocument.Parse(output).RootElement;
        repair.GetProperty("state").GetString().ShouldBe("finished");
        repair.GetProperty("repaired").GetInt64().ShouldBe(2);
        (await SyncCommandTests.Run(scene, "compare")).Code.ShouldBe(0);
        (await scene.NewAsync<string>("select after ->> 'why' from replication.audit where action = 'repair started'")).ShouldBe("lost rows");
    }

    [Fact]
    public async Task What_could_not_be_repaired_ends_with_1()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("delete from timesheet_old where id = 2; truncate portal_replication.other_write");
        await scene.NewAsync("select replication.set_mode('paused', 'Ada')");

        var (code, output) = await SyncCommandTests.Run(scene, "repair", "--key", "2", "--reason", "lost");

        (code, output.Trim()).ShouldBe((1, "1 row: 1 waiting for delivery."));
    }

    [Fact]
    public async Task A_comparison_that_is_not_there_ends_with_2()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var (code, output) = await SyncCommandTests.Run(scene, "repair", "--run", "99", "--reason", "lost");

        code.ShouldBe(2);
        output.ShouldStartWith("There is no comparison 99.");
    }

    [Theory]
    [InlineData("sync", "repair")]
    [InlineData("sync", "repair", "--key", "four", "--dry-run")]
    [InlineData("sync", "repair", "--key", "4")]
    [InlineData("sync", "repair", "--key", "4", "--run", "1", "--dry-run")]
    public async Task Without_rows_or_a_reason_it_ends_with_2(params string[] args) =>
        (await PortalCommand.RunAsync(args, _ => throw new InvalidOperationException("Nothing is served."))).ShouldBe(2);
}
