using System.Text.Json;
using Portal.Tests.Replication;
using static Portal.Tests.Commands.SyncCommandTests;

namespace Portal.Tests.Commands;

public sealed class SyncTriggersTests
{
    [Fact]
    public async Task All_as_installed_ends_with_0()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var (code, output) = await Run(scene, "triggers");

        code.ShouldBe(0);
        output.ShouldMatch(@"timesheet_new +do_dreplicate_to_old_table +On +after insert +row");
    }

    [Fact]
    public async Task What_differs_ends_with_1_and_is_reinstalled_by_one_command()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("""
            alter table worker disable trigger capture_update_timesheet_old;
            drop trigger capture_delete_timesheet_old on payment;
            """);

        var (code, output) = await Run(scene, "triggers");
        code.ShouldBe(1);
        output.ShouldContain("capture_update_timesheet_old on worker is switched off");
        output.ShouldContain("capture_delete_timesheet_old on payment is missing");

        (await Run(scene, "triggers", "reinstall", "--dry-run")).Output.ShouldContain("nothing was changed");
        (await Run(scene, "triggers")).Code.ShouldBe(1);
        (await Run(scene, "triggers", "reinstall")).ShouldBe((2, $"A reason is needed. Say in a few words why; it goes into the audit log.{Environment.NewLine}"));

        (await Run(scene, "triggers", "reinstall", "--reason", "tidy up")).Code.ShouldBe(0);
        (await Run(scene, "triggers")).Code.ShouldBe(0);
        (await scene.NewAsync<string>("select string_agg(distinct account || ': ' || reason, ';') from replication.audit"))
            .ShouldBe($"{Environment.UserName} (command line): tidy up");
    }

    [Fact]
    public async Task One_trigger_is_switched_off_and_on_by_its_name_and_table()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        (await Run(scene, "triggers", "disable", "--trigger", "capture_update_timesheet_old", "--table", "worker", "--reason", "load")).Code.ShouldBe(0);

        var json = JsonDocument.Parse((await Run(scene, "triggers", "--json")).Output).RootElement.GetProperty("triggers");
        var off = json.EnumerateArray().Where(t => t.GetProperty("state").GetString() == "disabled").ShouldHaveSingleItem();
        (off.GetProperty("table").GetString(), off.GetProperty("findings")[0].GetString()).ShouldBe(("worker", "disabled"));

        (await Run(scene, "triggers", "enable", "--trigger", "capture_update_timesheet_old", "--table", "worker", "--reason", "loaded")).Code.ShouldBe(0);
        (await Run(scene, "triggers")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task A_trigger_that_there_is_not_ends_with_2()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        (await Run(scene, "triggers", "disable", "--trigger", "prefill_claim_from_plan", "--reason", "x"))
            .ShouldBe((2, $"The replication has no trigger prefill_claim_from_plan.{Environment.NewLine}"));
    }
}
