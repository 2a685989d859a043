using System.Text.Json;
using Portal.Tests.Replication;
using static Portal.Tests.Commands.SyncCommandTests;

namespace Portal.Tests.Commands;

public sealed class SyncPlanTests
{
    [Fact]
    public async Task It_says_where_the_migration_stands_and_what_the_next_step_needs()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("update timesheet_old set hours_worked = 1 where id = 1");

        var (code, output) = await Run(scene, "plan");

        code.ShouldBe(0, output);
        output.ShouldStartWith("Next: Prepare. All of its conditions hold.");
        output.ShouldContain("yes  The guard watches every old table: 1 watched");
        output.ShouldMatch(@"postgres +127\.0\.0\.1 +public\.timesheet_old +update +1 +1 ");
    }

    [Fact]
    public async Task A_step_is_taken_and_undone_and_both_are_noted()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        (await Run(scene, "plan", "take", "prepare", "--dry-run")).ShouldBe((0, $"Nothing was changed. “Prepare” can be taken.{Environment.NewLine}"));
        (await Run(scene, "plan", "take", "prepare")).Code.ShouldBe(0);
        (await Run(scene, "plan", "take", "prepare")).ShouldSatisfyAllConditions(r => r.Code.ShouldBe(1), r => r.Output.ShouldContain("(command line) has already taken “Prepare”"));
        (await Run(scene, "plan", "undo", "prepare", "--why", "Too early.")).Code.ShouldBe(0);

        (await scene.NewAsync<string>("select string_agg(action, ', ' order by id) from replication.audit where account = '" + Environment.UserName + " (command line)'"))
            .ShouldBe("plan step taken, plan step undone");
    }

    [Fact]
    public async Task A_step_that_does_not_hold_ends_with_1_and_says_what_is_missing()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("alter table timesheet_new disable trigger do_dreplicate_to_old_table");

        var refused = await Run(scene, "plan", "take", "prepare");
        var json = JsonDocument.Parse((await Run(scene, "plan", "--json")).Output).RootElement;
        var taken = await Run(scene, "plan", "take", "prepare", "--why", "It is a test.");

        refused.Code.ShouldBe(1);
        refused.Output.ShouldContain("all triggers fire, so that no change is missed (17 of 18 fire)");
        json.GetProperty("next").GetString().ShouldBe("prepare");
        json.GetProperty("steps")[0].GetProperty("conditions").EnumerateArray().Count(c => !c.GetProperty("holds").GetBoolean()).ShouldBe(1);
        taken.Code.ShouldBe(0);
    }

    [Theory]
    [InlineData("take", "nothing")]
    [InlineData("take", "1")]
    [InlineData("undo", "prepare")]
    public async Task A_mistyped_command_changes_nothing(params string[] command)
    {
        await using var scene = await ReplicationScene.CreateAsync();

        (await Portal.Web.Commands.PortalCommand.RunAsync(
            ["sync", "plan", .. command, .. scene.Configuration.Select(c => $"--{c.Key}={c.Value}")],
            _ => throw new InvalidOperationException("Nothing is served."))).ShouldBe(2);

        (await scene.NewAsync<long>("select count(*) from replication.plan_step where taken_at is not null")).ShouldBe(0);
    }

    [Fact]
    public async Task Retiring_takes_the_servers_name_and_afterwards_all_commands_say_so()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        foreach (var step in (string[])["prepare", "backfill", "move-writers", "move-readers", "freeze"])
        {
            (await Run(scene, "plan", "take", step, "--why", "It is a test.")).Code.ShouldBe(0);
        }

        (await Run(scene, "plan", "take", "retire", "--why", "It is a test.")).Code.ShouldBe(1);
        (await Run(scene, "plan", "take", "retire", "--why", "It is a test.", "--server", "timesheet_old_server")).Code.ShouldBe(0);

        (await Run(scene, "plan")).ShouldSatisfyAllConditions(r => r.Code.ShouldBe(0), r => r.Output.ShouldStartWith("Retired: nothing is written"));
        (await Run(scene, "status")).ShouldSatisfyAllConditions(r => r.Code.ShouldBe(0), r => r.Output.ShouldStartWith("Retired on "));
        (await Run(scene, "backfill")).ShouldSatisfyAllConditions(r => r.Code.ShouldBe(2), r => r.Output.ShouldContain("retired"));
    }
}
