using Npgsql;
using Portal.Data.Replication;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

[EveryPostgres]
public sealed class TriggerSwitchTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_that_differ_are_made_as_they_were_and_carry_changes_again()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("""
            alter table timesheet_new disable trigger user;
            drop trigger capture_update_timesheet_old on timesheet_options;
            drop trigger do_dreplicate_to_old_table on timesheet_new;
            drop function public.new_records_inserted();
            create or replace function replication.flush_at_commit() returns trigger language plpgsql as 'begin return null; end';
            alter table hospital enable replica trigger capture_update_timesheet_old;
            """);

        var after = await Change(scene, (await Report(scene)).ToReinstall, TriggerChange.Reinstall);

        after.Value.ShouldNotBeNull().ToReinstall.ShouldBeEmpty();
        await scene.NewAsync("update timesheet_new set status = 'rejected' where id = 1; update hospital set name = name || '!'");
        (await scene.OldAsync<long>("select count(*) from timesheet_old where status = 'rejected' or hospital_name like '%!'")).ShouldBe(12);
        (await scene.NewAsync<bool>("select has_function_privilege('public', 'public.new_records_inserted()', 'execute')")).ShouldBeFalse();
    }

    [Fact]
    public async Task What_triggers_call_is_made_as_it_was_too()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("""
            create or replace function replication.noted_timesheet_old_timesheet_new_update(old_row timesheet_new, new_row timesheet_new) returns boolean language sql as 'select false';
            drop function replication.not_written(text, text);
            """);

        var after = await Change(scene, (await Report(scene)).ToReinstall, TriggerChange.Reinstall);

        after.Value.ShouldNotBeNull().ToReinstall.ShouldBeEmpty();
        await scene.NewAsync("update timesheet_new set status = 'rejected' where id = 1");
        (await scene.OldAsync<long>("select count(*) from timesheet_old where status = 'rejected'")).ShouldBe(1);
        (await scene.NewAsync<bool>("""
            select has_function_privilege('portal_app', 'replication.not_written(text, text)', 'execute')
                   and not has_function_privilege('public', 'replication.not_written(text, text)', 'execute')
                   and has_function_privilege('public', 'replication.noted_timesheet_old_timesheet_new_update(timesheet_new, timesheet_new)', 'execute')
            """)).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_switched_a_trigger_off_and_why_is_noted_with_how_it_was()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var worker = (await Report(scene)).Needed.Where(t => t is { ShownTable: "worker", Name: "capture_update_timesheet_old" });

        var after = await Change(scene, worker, TriggerChange.Disable);

        after.Value.ShouldNotBeNull().Silent.ShouldHaveSingleItem().State.ShouldBe(TriggerState.Disabled);
        (await scene.NewAsync<string>("""
            select concat_ws(' | ', account, action, subject, reason, before ->> 'enabled', after ->> 'enabled') from replication.audit
            """)).ShouldBe("Ada Admin | trigger disable | capture_update_timesheet_old on public.worker | a test | O | D");

        (await Change(scene, after.Value.Silent, TriggerChange.Enable)).Value.ShouldNotBeNull().Silent.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("prefill_claim_from_plan", "public.timesheet_new", TriggerChange.Disable)]
    [InlineData("append_only", "replication.audit", TriggerChange.Disable)]
    [InlineData("capture_update_timesheet_old", "public.worker; drop table worker", TriggerChange.Disable)]
    public async Task No_other_trigger_and_not_the_guard_of_the_audit_log_can_be_switched_off(string name, string table, TriggerChange change)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var trigger = new ReplicationTrigger(table, name, TriggerKind.Replication, TriggerState.Origin, [], null, null);

        (await Change(scene, [trigger], change)).Trouble.ShouldNotBeNull().Summary.ShouldContain("cannot be changed");

        (await scene.NewAsync<long>("select count(*) from pg_trigger where tgenabled = 'D'")).ShouldBe(0);
        (await scene.NewAsync<long>("select count(*) from replication.audit")).ShouldBe(0);
    }

    [Fact]
    public async Task A_table_that_somebody_holds_is_left_alone_and_its_writers_wait_half_a_second_at_most()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await using var holder = await scene.Databases.New.OpenConnectionAsync(Cancel);
        await using var transaction = await holder.BeginTransactionAsync(Cancel);
        await using (var hold = new NpgsqlCommand("update worker set name = name where id = 33", holder))
        {
            await hold.ExecuteNonQueryAsync(Cancel);
        }

        var answer = await Change(scene, (await Report(scene)).Needed.Where(t => t.ShownTable == "worker"), TriggerChange.Disable);

        answer.Trouble.ShouldNotBeNull().Summary.ShouldBe("The table worker is in use by a long transaction, so capture_update_timesheet_old was left as it is.");
        answer = await Change(
            scene, (await Report(scene)).Needed.Where(t => t is { ShownTable: "hospital" or "worker", Name: "capture_update_timesheet_old" }).OrderBy(t => t.ShownTable), TriggerChange.Disable);
        answer.Trouble.ShouldNotBeNull().Summary.ShouldStartWith("Changed so far: 1 of 2. The table worker is in use");
        (await scene.NewAsync<string>("""
            select setting from pg_proc p, unnest(proconfig) setting where proname = 'change_trigger' and setting like 'lock_timeout%'
            """)).ShouldBe("lock_timeout=500ms");
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public async Task Without_a_reason_nothing_is_changed(string reason)
    {
        await using var scene = await ReplicationScene.CreateAsync();

        (await scene.TriggerSwitch.Change(ReplicationScene.Admin, (await Report(scene)).Needed, TriggerChange.Disable, reason, Cancel))
            .Trouble.ShouldBe(TriggerSwitch.ReasonMissing);

        (await Report(scene)).Silent.ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_an_admin_can_change_a_trigger()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        (await scene.TriggerSwitch.Change(ReplicationScene.Worker, (await Report(scene)).Needed, TriggerChange.Disable, "why", Cancel))
            .Trouble.ShouldBe(Trouble.NotAllowed);

        (await Report(scene)).Silent.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("update replication.audit set account = 'somebody else'")]
    [InlineData("delete from replication.audit")]
    [InlineData("truncate replication.audit")]
    public async Task The_audit_log_is_only_added_to_even_by_the_owner(string change)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("select replication.set_mode('queued', 'Ada')");

        foreach (var database in new[] { scene.Databases.New, scene.Databases.OwnerOfNew, scene.Databases.SuperuserOfNew })
        {
            await using var command = database.CreateCommand(change);
            (await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancel))).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        }

        (await scene.NewAsync<string>("select account from replication.audit")).ShouldBe("Ada");
    }

    private static Task<Answer<TriggerReport>> Change(ReplicationScene scene, IEnumerable<ReplicationTrigger> which, TriggerChange change) =>
        scene.TriggerSwitch.Change(ReplicationScene.Admin, which, change, "a test", Cancel);

    private static async Task<TriggerReport> Report(ReplicationScene scene) =>
        (await scene.Triggers.List(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull();
}
