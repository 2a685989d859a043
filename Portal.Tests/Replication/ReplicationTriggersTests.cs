using Portal.Data.Replication;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

[EveryPostgres]
public sealed class ReplicationTriggersTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_migrated_database_has_every_trigger_that_the_replication_needs()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var report = await Report(scene);

        report.Needed.Select(t => (t.Table, t.Name)).ShouldContain(("public.timesheet_new", "do_dreplicate_to_old_table"));
        report.Needed.ShouldAllBe(t => t.State == TriggerState.Origin);
        report.Silent.ShouldBeEmpty();
        report.Triggers.SelectMany(t => t.Findings).ShouldBeEmpty();
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
        details.Text.Source.ShouldContain("replication.flush_many()");
    }

    [Fact]
    public async Task Truncate_and_statement_triggers_are_told_apart()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var details = (await Report(scene)).Triggers
            .Single(t => t is { Name: "capture_truncate_timesheet_old", ShownTable: "timesheet_new" }).Details.ShouldNotBeNull();

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

        var trigger = report.Triggers.Single(t => t is { Name: "capture_update_timesheet_old", ShownTable: "timesheet_new" });
        trigger.State.ShouldBe(state);
        trigger.Fires.ShouldBe(fires);
        report.Silent.ShouldBe(fires ? [] : [trigger]);
        // What needs a hand comes first.
        report.Triggers[0].ShouldBe(trigger);
    }

    [Fact]
    public async Task A_dropped_trigger_is_shown_as_missing()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("drop trigger capture_update_timesheet_old on hospital");

        var missing = (await Report(scene)).Silent.ShouldHaveSingleItem();
        (missing.ShownTable, missing.Name, missing.State).ShouldBe(("hospital", "capture_update_timesheet_old", TriggerState.Missing));
        missing.Details.ShouldBeNull();
        missing.Wanted.ShouldNotBeNull().Definition.ShouldContain("AFTER UPDATE ON public.hospital");
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

    [Theory]
    [InlineData("create or replace function replication.flush_at_commit() returns trigger language plpgsql as 'begin return null; end'",
        "flush_at_commit", TriggerFinding.Function)]
    [InlineData("drop trigger capture_update_timesheet_old on worker; create trigger capture_update_timesheet_old after update of name on worker execute function replication.capture_timesheet_old_worker_update()",
        "capture_update_timesheet_old", TriggerFinding.Definition)]
    [InlineData("alter table payment enable always trigger capture_delete_timesheet_old", "capture_delete_timesheet_old", TriggerFinding.Firing)]
    [InlineData("alter table replication.audit disable trigger append_only", "append_only", TriggerFinding.Disabled)]
    public async Task What_is_not_as_the_scripts_have_made_it_is_found(string change, string name, TriggerFinding finding)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync(change);

        var report = await Report(scene);

        var found = report.ToReinstall.ShouldHaveSingleItem();
        found.Name.ShouldBe(name);
        found.Findings.ShouldBe([finding]);
    }

    [Theory]
    [InlineData("create or replace function replication.flush_many() returns boolean language plpgsql as 'begin return true; end'", 3)]
    [InlineData("drop function replication.clear_changed()", 3)]
    [InlineData("create or replace function replication.expand_timesheet_old(source_names text[], source_keys bigint[]) returns bigint[] language sql as 'select array[1]::bigint[]'", 1)]
    public async Task A_function_that_triggers_call_through_others_is_watched_too_and_is_one_alarm(string change, int atLeast)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync(change);

        var found = (await Report(scene)).ToReinstall.ToList();

        found.Count.ShouldBeGreaterThanOrEqualTo(atLeast);
        found.ShouldAllBe(t => t.Findings.Single() == TriggerFinding.Called && !t.Works);
        found[0].Wanted.ShouldNotBeNull().Source.ShouldNotBe(found[0].Details.ShouldNotBeNull().Text.Source);
        (await scene.NewAsync<long>("select count(*) from replication.alarm_causes('1 min') where cause = 'trigger'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_script_that_makes_a_called_function_anew_is_no_change_of_it()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("""
            do $do$
            begin
                execute replace(pg_get_functiondef('replication.clear_changed()'::regprocedure), 'begin', '-- The next version.
            begin');
                perform replication.record_trigger('public.timesheet_new', 'do_dreplicate_to_old_table');
            end $do$
            """);

        (await Report(scene)).ToReinstall.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_trigger_that_no_script_has_made_is_told_apart_from_the_portals_own()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("""
            create function spy() returns trigger language plpgsql as 'begin return null; end';
            create trigger spy after insert on timesheet_new execute function spy();
            """);

        var report = await Report(scene);

        report.Triggers.Single(t => t.Kind == TriggerKind.Unknown).Name.ShouldBe("spy");
        report.Faulty.ShouldBeEmpty();
        report.ToReinstall.ShouldBeEmpty();
    }

    [Fact]
    public async Task Calls_are_told_where_the_server_counts_them()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        (await Report(scene)).Needed.ShouldAllBe(t => t.Details.ShouldNotBeNull().Calls == null);

        await using (var connection = await scene.Databases.SuperuserOfNew.OpenConnectionAsync(Cancel))
        {
            await using var counted = new Npgsql.NpgsqlCommand("set track_functions = 'all'; update worker set name = name || '!'; select pg_stat_force_next_flush()", connection);
            await counted.ExecuteNonQueryAsync(Cancel);
        }

        var details = (await Report(scene)).Triggers.Single(t => t is { ShownTable: "worker", Name: "capture_update_timesheet_old" }).Details.ShouldNotBeNull();
        details.Calls.ShouldBe(1);
        details.Time.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.Zero);
    }

    private static async Task<TriggerReport> Report(ReplicationScene scene) =>
        (await scene.Triggers.List(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull();
}
