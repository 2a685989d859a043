using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>Another old table needs its view, a row of configuration and one call; nothing else is written for it.</summary>
[EveryPostgres]
public sealed class SecondMappingTests
{
    private const string OldTable = """
        create table shift_old (shift_id bigint primary key, hospital_name text not null, "Ward" text, hourly_rate numeric(8, 2) check (hourly_rate < 1000), timesheets bigint, first_worker text);
        grant select, insert, update, delete on shift_old to portal_replicator;
        """;

    private const string Mapping = """
        import foreign schema public limit to (shift_old) from server timesheet_old_server into timesheet_old_schema;
        create view mapping.shift_old as
        select o.id as shift_id, h.name as hospital_name, o.unit as "Ward", o.hourly_rate,
               (select count(*) from public.timesheet_new t where t.timesheet_options_id = o.id) as timesheets, w.name as first_worker
          from public.timesheet_options o join public.hospital h on h.id = o.hospital_id
          left join public.worker w on w.id = (select min(t.worker_id) from public.timesheet_new t where t.timesheet_options_id = o.id)
         where h.name <> 'Closed';
        insert into replication.mapping (name, view_name, old_table, foreign_table, key_column, sources, shows)
        values ('shift_old', 'mapping.shift_old', 'public.shift_old', 'timesheet_old_schema.shift_old', 'shift_id', '{
            "public.timesheet_options": {"key": "id"},
            "public.timesheet_new":     {"key": "timesheet_options_id"},
            "public.hospital":          {"primary_key": "id", "shown_as": "hospital"},
            "public.worker":            {"primary_key": "id", "shown_as": "worker"}
        }', 'select o.id as key, o.hospital_id as hospital, (select min(t.worker_id) from public.timesheet_new t where t.timesheet_options_id = o.id) as worker
               from public.timesheet_options o');
        select replication.install('shift_old');
        """;

    private const string Differences = """
        select count(*) from ((table mapping.shift_old except table timesheet_old_schema.shift_old)
                              union all (table timesheet_old_schema.shift_old except table mapping.shift_old)) d
        """;

    [Theory]
    [InlineData("insert into timesheet_options (hospital_id, unit, hourly_rate) values (15, 'Ward \"4\"', 12.5)")]
    [InlineData("update timesheet_options set hourly_rate = 30, unit = 'A&E' where id = 2")]
    [InlineData("update timesheet_options set hospital_id = 31 - hospital_id")]
    [InlineData("insert into timesheet_options (id, hospital_id) values (900, 15); update timesheet_options set hospital_id = 16 where id = 900")]
    [InlineData("update worker set name = name || '!'")]
    [InlineData("update hospital set name = name || '!'; update timesheet_new set status = 'rejected'")]
    [InlineData("update timesheet_new set timesheet_options_id = 3 where id = 1")]
    [InlineData("delete from timesheet_new where id = 1")]
    [InlineData("delete from timesheet_new; delete from timesheet_options")]
    [InlineData("truncate hospital cascade")]
    [InlineData("insert into timesheet_options (hospital_id) select 15 from generate_series(1, 20000)")]
    public async Task It_is_kept_true_beside_the_first(string change)
    {
        await using var scene = await InstalledAsync();

        await scene.OwnerAsync(change);

        (await scene.AskAsync<long>(Differences)).ShouldBe(0);
        await scene.ShouldBeReplicatedAsync(await scene.AskAsync<long>("select count(*) from timesheet_new"));
    }

    [Fact]
    public async Task Rows_that_the_view_does_not_show_any_more_once_a_shared_row_has_changed_are_gone()
    {
        await using var scene = await InstalledAsync();
        // So that it is the only change of its transaction.
        await scene.OwnerAsync("alter table hospital disable trigger flush_update_timesheet_old, disable trigger capture_update_timesheet_old");

        await scene.WriteAsync("update hospital set name = 'Closed' where id = 15");

        (await scene.AskAsync<long>(Differences)).ShouldBe(0);
        (await scene.AskOldAsync<long>("select count(*) from shift_old")).ShouldBeLessThan(3);
    }

    [Theory]
    [InlineData("update timesheet_options set hospital_id = 15 where id = 900")]
    [InlineData("update hospital set name = name || '!' where id = 16")]
    public async Task A_row_that_shows_no_row_of_a_shared_table_is_written_also_after_a_wait(string change)
    {
        await using var scene = await InstalledAsync();
        await scene.OwnerAsync("""
            insert into timesheet_options (id, hospital_id) values (900, 16);
            alter table hospital disable trigger flush_update_timesheet_old, disable trigger capture_update_timesheet_old;
            alter table timesheet_options disable trigger flush_update_timesheet_old, disable trigger capture_update_timesheet_old;
            """);
        await scene.WaitLongAsync();
        await using var gate = await scene.SessionAsync();
        await using var writer = await scene.SessionAsync(scene.Databases.Settings.Portal.New);

        await gate.Do("begin; select pg_current_xact_id(), pg_advisory_xact_lock(hashtext('replication'), 900 & 255)");
        var written = await writer.Blocks(change);
        await gate.Do("commit");
        await written.Done;

        (await scene.AskAsync<long>("select count(*) from replication.outbox")).ShouldBe(0);
        (await scene.AskAsync<long>(Differences)).ShouldBe(0);
    }

    [Fact]
    public async Task What_one_old_table_refuses_does_not_concern_the_other()
    {
        await using var scene = await InstalledAsync();

        await scene.WriteAsync("update timesheet_options set hourly_rate = 2000 where id = 1");

        (await scene.AskAsync<string>("select string_agg(mapping || ' ' || key, ', ') from replication.set_aside")).ShouldBe("shift_old 1");
        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task All_its_triggers_are_among_the_expected_ones()
    {
        await using var scene = await InstalledAsync();

        (await scene.AskAsync<long>("""
            select count(*) from replication.expected_trigger e
             where not exists (select from pg_trigger t where t.tgrelid = e.table_name::regclass and t.tgname = e.trigger_name)
            """)).ShouldBe(0);
        (await scene.AskAsync<long>("select count(*) from replication.expected_trigger where trigger_name like '%shift_old'")).ShouldBe(13);
    }

    // The rows that are there already come by verification, as after any interruption.
    private static async Task<EngineScene> InstalledAsync()
    {
        var scene = await EngineScene.CreateAsync();
        await scene.OldAsync(OldTable);
        await scene.OwnerAsync(Mapping);
        (await scene.AskAsync<long>("select differences from replication.verify('shift_old')")).ShouldBe(3);
        await scene.DrainAsync();
        (await scene.AskAsync<long>(Differences)).ShouldBe(0);
        return scene;
    }
}
