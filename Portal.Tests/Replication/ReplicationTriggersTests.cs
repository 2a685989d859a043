using Portal.Data.Replication;

namespace Portal.Tests.Replication;

public sealed class ReplicationTriggersTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_migrated_database_has_every_trigger_that_the_replication_needs()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var report = await Report(scene);

        report.Needed.Select(t => (t.Table, t.Name)).ShouldContain(("timesheet_new", "do_dreplicate_to_old_table"));
        report.Needed.ShouldAllBe(t => t.State == TriggerState.Origin);
        report.Silent.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_insert_trigger_is_described_as_it_is()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var trigger = (await Report(scene)).Triggers.Single(t => t.Name == "do_dreplicate_to_old_table");

        trigger.State.ShouldBe(TriggerState.Origin);
        var details = trigger.Details.ShouldNotBeNull();
        (details.Timing, details.ForEachRow, details.Deferrable, details.InitiallyDeferred).ShouldBe(("after", true, true, true));
        details.Events.ShouldBe(["insert"]);
        details.Function.ShouldBe("new_records_inserted");
        details.Purpose.ShouldNotBeNull().ShouldStartWith("At the end of a transaction");
        details.Source.ShouldContain("replication.flush()");
    }

    [Fact]
    public async Task Truncate_and_statement_triggers_are_told_apart()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var details = (await Report(scene)).Triggers
            .Single(t => t is { Name: "capture_truncate_timesheet_old", Table: "timesheet_new" }).Details.ShouldNotBeNull();

        (details.Timing, details.Events[0], details.ForEachRow, details.Deferrable).ShouldBe(("before", "truncate", false, false));
    }

    [Theory]
    [InlineData("disable", TriggerState.Disabled, false)]
    [InlineData("enable replica", TriggerState.Replica, false)]
    [InlineData("enable always", TriggerState.Always, true)]
    public async Task A_trigger_that_was_switched_is_shown_so(string change, TriggerState state, bool fires)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync($"alter table timesheet_new {change} trigger capture_update_timesheet_old");

        var report = await Report(scene);

        var trigger = report.Triggers.Single(t => t is { Name: "capture_update_timesheet_old", Table: "timesheet_new" });
        trigger.State.ShouldBe(state);
        trigger.Fires.ShouldBe(fires);
        report.Silent.ShouldBe(fires ? [] : [trigger]);
        // What needs a hand comes first.
        (report.Triggers[0] == trigger).ShouldBe(!fires);
    }

    [Fact]
    public async Task A_dropped_trigger_is_shown_as_missing()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("drop trigger capture_update_timesheet_old on hospital");

        (await Report(scene)).Silent.ShouldBe([new ReplicationTrigger("hospital", "capture_update_timesheet_old", TriggerState.Missing, true, null)]);
    }

    [Fact]
    public async Task Triggers_of_others_are_shown_and_not_counted()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("alter table timesheet_new disable trigger prefill_claim_from_plan");

        var report = await Report(scene);

        report.Triggers.Single(t => t.Name == "prefill_claim_from_plan").Replicates.ShouldBeFalse();
        report.Silent.ShouldBeEmpty();
    }

    private static async Task<TriggerReport> Report(ReplicationScene scene) =>
        (await scene.Triggers.List(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull();
}
