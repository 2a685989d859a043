using Npgsql;
using Portal.Data.Replication.Comparing;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>The guard of the old database tells the replication's writes from everybody else's.</summary>
[EveryPostgres]
public sealed class GuardTests
{
    private const string Others = "select count(*) from portal_replication.other_write";

    [Fact]
    public async Task What_the_replication_writes_is_not_noted()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        await scene.NewAsync("update timesheet_new set status = 'draft' where id < 5; delete from timesheet_new where id = 12;");

        (await scene.DeliveredAsync()).ShouldBe(11);
        (await scene.OldAsync<long>(Others)).ShouldBe(0);
    }

    [Fact]
    public async Task Statements_of_others_are_noted_with_who_what_and_how_many()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await using var legacy = await LegacyAsync(scene);

        await legacy.DoAsync("update timesheet_old set status = 'draft', is_approved = false where id < 4");
        await legacy.DoAsync("update timesheet_old set status = 'approved', is_approved = true where id = 1");
        await legacy.DoAsync("insert into timesheet_old (id, worker_id, hospital_id, status, is_approved) values (900, 1, 1, 'draft', false) on conflict (id) do update set status = 'draft'");
        await legacy.DoAsync("delete from timesheet_old where id in (5, 6)");
        await legacy.DoAsync("update timesheet_old set status = 'draft' where id = 123456");

        (await scene.OldAsync<string>("""
            select string_agg(format('%s/%s/%s/%s: %s %s in %s', application, role, host(address::inet), table_name, operation, rows, statements), '; ' order by operation)
              from portal_replication.other_writer
            """)).ShouldBe(
            "payroll/legacy/127.0.0.1/public.timesheet_old: delete 2 in 1; "
            + "payroll/legacy/127.0.0.1/public.timesheet_old: insert 1 in 1; "
            + "payroll/legacy/127.0.0.1/public.timesheet_old: update 4 in 2");
    }

    [Fact]
    public async Task A_statement_whose_triggers_write_the_table_too_is_noted_although_these_find_no_row()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("""
            create function recount() returns trigger language plpgsql as $$ begin
                if pg_trigger_depth() = 1 then update public.timesheet_old set hours_worked = 1 where id = old.id + 1000; end if; return null; end $$;
            create trigger recount after update on timesheet_old for each row execute function recount();
            """);

        await scene.OldAsync("update timesheet_old set hours_worked = 2 where id in (2, 3)");

        (await scene.OldAsync<string>("select statements || ' of ' || rows from portal_replication.other_writer")).ShouldBe("1 of 2");
        (await WrittenAsync(scene)).ShouldBe([2, 3]);
    }

    [Fact]
    public async Task Whoever_is_in_the_middle_of_writing_is_counted_and_the_replication_is_not()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await using var legacy = await LegacyAsync(scene);
        var (settings, login) = (scene.Databases.Settings, scene.Databases.Settings.ForeignServer);
        await using var replicator = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(settings.Old) { Username = login.User, Password = login.Password, Pooling = false }.ConnectionString);
        await replicator.OpenAsync(TestContext.Current.CancellationToken);
        const string writing = "select portal_replication.writing_now()";

        await replicator.DoAsync("begin; update timesheet_old set hours_worked = 1 where id = 1");
        (await scene.OldAsync<long>(writing)).ShouldBe(0);
        await legacy.DoAsync("begin; update timesheet_old set hours_worked = 1 where id = 2");
        (await scene.OldAsync<long>(writing)).ShouldBe(1);
        await legacy.DoAsync("commit");

        (await scene.OldAsync<long>(writing)).ShouldBe(0);
    }

    [Fact]
    public async Task A_guard_that_is_broken_harms_no_write_of_the_replication()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("""
            drop table portal_replication.guard, portal_replication.other_write cascade;
            create or replace function portal_replication.is_replication() returns boolean language plpgsql as 'begin raise exception ''broken''; end';
            """);

        await scene.NewAsync("update timesheet_new set status = 'draft' where id < 5; delete from timesheet_new where id = 12;");

        (await scene.DeliveredAsync()).ShouldBe(11);
        (await scene.OldAsync<long>("select count(*) from timesheet_old where status = 'draft' and id < 5")).ShouldBe(4);
    }

    [Fact]
    public async Task What_was_rolled_back_was_no_write()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        await scene.OldAsync("do $$ begin update timesheet_old set status = 'x'; raise exception 'no'; exception when others then null; end $$");

        (await scene.OldAsync<long>(Others)).ShouldBe(0);
    }

    [Fact]
    public async Task Rows_that_somebody_else_wrote_last_are_known_until_the_replication_writes_them()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("begin; savepoint s; update timesheet_old set hours_worked = 1 where id in (2, 3); release s; commit; delete from timesheet_old where id = 7;");
        (await WrittenAsync(scene)).ShouldBe([2, 3, 7]);

        await scene.NewAsync("insert into replication.outbox (mapping, keys) values ('timesheet_old', '{2,7}')");

        (await WrittenAsync(scene)).ShouldBe([3]);
    }

    [Fact]
    public async Task A_repair_keeps_what_it_has_seen_others_write_until_overwriting_is_asked_for()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await using var legacy = await LegacyAsync(scene);
        await legacy.DoAsync("update timesheet_old set hours_worked = 1 where id = 2");
        var repairs = scene.Get<Repairs>();

        var careful = await repairs.Make(ReplicationScene.Admin, new(Keys: [2]), "test", false, null, TestContext.Current.CancellationToken);
        var bold = await repairs.Make(ReplicationScene.Admin, new(Keys: [2]), "test", true, null, TestContext.Current.CancellationToken);

        careful.Value.ShouldNotBeNull().Count(RepairOutcome.Kept).ShouldBe(1);
        bold.Value.ShouldNotBeNull().Count(RepairOutcome.Repaired).ShouldBe(1);
        (await WrittenAsync(scene)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_table_that_somebody_else_emptied_is_known_too()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        await scene.OldAsync("truncate timesheet_old");

        (await WrittenAsync(scene)).ShouldBe([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        (await scene.OldAsync<string>("select operation from portal_replication.other_writer")).ShouldBe("truncate");
    }

    [Theory]
    [InlineData("update timesheet_old set status = 'draft'")]
    [InlineData("delete from timesheet_old")]
    [InlineData("insert into timesheet_old (id, worker_id, hospital_id, status, is_approved) values (900, 1, 1, 'draft', false)")]
    public async Task When_it_refuses_others_are_told_what_to_do_and_the_replication_goes_on(string statement)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await using var legacy = await LegacyAsync(scene);
        await scene.OldAsync("select portal_replication.set_guard('refuse', 'Ada Admin')");

        var refused = await Should.ThrowAsync<PostgresException>(() => legacy.DoAsync(statement));

        refused.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        refused.MessageText.ShouldBe("public.timesheet_old is not written directly any more: it follows the new database");
        refused.Hint.ShouldNotBeNull().ShouldContain("Write through the portal");
        (await scene.OldAsync<long>("select last_value from portal_replication.refused_writes")).ShouldBe(1);
        await scene.NewAsync("update timesheet_new set status = 'draft' where id = 3");
        (await scene.OldAsync<string>("select status from timesheet_old where id = 3")).ShouldBe("draft");
    }

    [Theory]
    [InlineData("set session_replication_role = replica; delete from timesheet_old")]
    [InlineData("set application_name = 'portal'; truncate timesheet_old")]
    [InlineData("set role portal_owner; delete from timesheet_old")]
    [InlineData("set role portal_replicator; delete from timesheet_old")]
    public async Task Not_even_a_superuser_gets_past_it_by_accident(string statement)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("select portal_replication.set_guard('refuse', 'Ada Admin')");

        (await Should.ThrowAsync<PostgresException>(() => scene.OldAsync(statement))).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    [Fact]
    public async Task The_portals_login_can_ask_and_switch_it_but_not_change_what_it_has_seen()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await using var connection = await scene.Databases.Old.OpenConnectionAsync(TestContext.Current.CancellationToken);

        foreach (var allowed in (string[])["select * from portal_replication.other_writer", "select * from portal_replication.guard", "select portal_replication.set_guard('record', 'me')"])
        {
            await connection.DoAsync(allowed);
        }

        foreach (var forbidden in (string[])
            ["delete from portal_replication.other_write", "update portal_replication.guard set mode = 'record'", "select portal_replication.thin_other_writes(0)"])
        {
            (await Should.ThrowAsync<PostgresException>(() => connection.DoAsync(forbidden))).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        }
    }

    [Fact]
    public async Task What_is_too_old_to_be_kept_is_added_up()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        for (var n = 0; n < 5; n++)
        {
            await scene.OldAsync("update timesheet_old set hours_worked = coalesce(hours_worked, 0) + 1 where id = 1");
        }

        (await scene.OldAsync<long>("select portal_replication.thin_other_writes(2)")).ShouldBe(3);
        (await scene.OldAsync<long>("select portal_replication.thin_other_writes(2)")).ShouldBe(0);

        (await scene.OldAsync<long>(Others)).ShouldBe(2);
        (await scene.OldAsync<long>("select statements from portal_replication.other_writer")).ShouldBe(5);
    }

    [Fact]
    public async Task A_guard_that_was_switched_off_is_named()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        await scene.OldAsync("alter table timesheet_old disable trigger portal_guard_before_update");

        (await scene.OldAsync<string>("select trigger_name from portal_replication.silent_guards()")).ShouldBe("portal_guard_before_update");
    }

    private static async Task<long[]> WrittenAsync(ReplicationScene scene) => await scene.OldAsync<long[]>(
        "select array(select key from portal_replication.written_by_others('public.timesheet_old', array(select generate_series(1, 12)::bigint)))") ?? [];

    private static async Task<NpgsqlConnection> LegacyAsync(ReplicationScene scene) => await scene.LegacyAsync("payroll");
}
