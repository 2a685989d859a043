using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>A transaction's only row goes a shorter way than many, and arrives just the same.</summary>
[EveryPostgres]
public sealed class OnlyRowTests
{
    [Fact]
    public async Task A_row_that_has_disappeared_there_is_written_anew()
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OldAsync("delete from timesheet_old where id = 1");

        await scene.WriteAsync("update timesheet_new set status = 'rejected' where id = 1");

        await scene.ShouldBeReplicatedAsync();
    }

    [Theory]
    [InlineData("update timesheet_new set submitted_at = now() where id = 1")]
    [InlineData("update timesheet_new set worker_id = worker_id where id = 1")]
    [InlineData("update timesheet_new set status = 'draft' where id = 1; update timesheet_new set status = 'approved' where id = 1")]
    public async Task A_row_that_is_as_it_was_is_not_written_again(string change)
    {
        await using var scene = await EngineScene.CreateAsync();
        const string WrittenBy = "select xmin::text from timesheet_old where id = 1";
        var before = await scene.AskOldAsync<string>(WrittenBy);

        await scene.WriteAsync(change);

        (await scene.AskOldAsync<string>(WrittenBy)).ShouldBe(before);
        (await scene.BreakerAsync()).ShouldBe("closed");
        await scene.ShouldBeReplicatedAsync();
    }

    [Theory]
    [InlineData("update timesheet_new set status = 'rejected' where id = 1")]
    [InlineData("insert into timesheet_new (worker_id, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes) values (33, 1, '2026-05-01 08:00+00', '2026-05-01 16:00+00', 30)")]
    [InlineData("update hospital set name = name || '!' where id = 15")]
    public async Task Whoever_may_write_a_source_table_needs_no_right_of_the_replication(string change)
    {
        await using var scene = await EngineScene.CreateAsync();
        await using (var clerk = await scene.SessionAsync(scene.Databases.Settings.New))
        {
            // A role belongs to the whole server, so it goes with the transaction.
            await clerk.Do("""
                begin;
                create role clerk;
                grant select, insert, update on timesheet_new, timesheet_options, hospital to clerk;
                set local role clerk;
                """);
            await clerk.Do(change);
            await clerk.Do("set constraints all immediate");
            await clerk.Do("reset role; drop owned by clerk; drop role clerk; commit");
        }

        await scene.ShouldBeReplicatedAsync(await scene.AskAsync<long>("select count(*) from timesheet_new"));
    }

    [Theory]
    [InlineData(100, "update hospital set name = name || '!' where id = 15")]
    [InlineData(101, "update hospital set name = name || '!' where id = 15")]
    [InlineData(101, "update timesheet_options set hospital_id = 16 where id = 50")]
    [InlineData(0, "update timesheet_options set hospital_id = 16 where id = 50")]
    public async Task All_that_show_one_shared_row_are_written_few_or_many(int rows, string change)
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OwnerAsync($"insert into timesheet_options (id, hospital_id) values (50, 15); insert into timesheet_new (worker_id, timesheet_options_id) select 33, 50 from generate_series(1, {rows})");

        await scene.WriteAsync(change);

        (await scene.QueuedAsync()).ShouldBe(0);
        await scene.ShouldBeReplicatedAsync(EngineScene.Timesheets + rows);
    }

    [Theory]
    [InlineData("insert into timesheet_new (worker_id, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes) values (33, 1, '2026-05-01 08:00+00', '2026-05-01 16:00+00', 30)", 1)]
    [InlineData("update timesheet_new set status = 'rejected' where id = 1", 0)]
    [InlineData("update timesheet_new set timesheet_options_id = 3 where id = 1", 0)]
    [InlineData("update timesheet_options set hospital_id = 16 where id = 1", 0)]
    [InlineData("update hospital set name = name || '!' where id = 15", 0)]
    [InlineData("update worker set name = name || '!' where id = 33", 0)]
    public async Task It_needs_no_list_of_keys_and_no_second_try(string change, int more)
    {
        await using var scene = await EngineScene.CreateAsync();
        // Where many rows go.
        await scene.OwnerAsync("drop function replication.write_rows(text, bigint[], text[], bigint[])");

        await scene.WriteAsync(change);

        (await scene.QueuedAsync()).ShouldBe(0);
        await scene.ShouldBeReplicatedAsync(EngineScene.Timesheets + more);
    }

    [Fact]
    public async Task What_decides_what_others_a_row_shows_is_locked_before_them()
    {
        await using var scene = await EngineScene.CreateAsync();

        (await scene.AskAsync<string>("select string_agg(s.shown_as || case when s.is_mover then ' decides' else '' end, ', ' order by s.n) from replication.mapping m, replication.shared_sources(m) s"))
            .ShouldBe("options decides, hospital, worker");
    }

    [Fact]
    public async Task One_look_shows_the_same_shared_rows_as_the_query_for_them()
    {
        await using var scene = await EngineScene.CreateAsync();

        var different = await scene.AskAsync<string>("""
            select format('select count(*) from ((%1$s) except select id, options, worker, hospital from %2$s)  d', shows, row_view) from replication.mapping where name = 'timesheet_old'
            """);

        (await scene.AskAsync<long>(different)).ShouldBe(0);
        (await scene.AskAsync<long>("select count(*) from mapping.timesheet_old_shown")).ShouldBe(EngineScene.Timesheets);
    }

    [Theory]
    [InlineData("timesheet_new", "{claimed_break_minutes,claimed_end,claimed_start,id,status,timesheet_options_id,worker_id}")]
    [InlineData("payment", "{id,timesheet_id}")]
    public async Task What_the_view_reads_of_a_table_is_known(string table, string columns)
    {
        await using var scene = await EngineScene.CreateAsync();

        (await scene.AskAsync<string>($"select replication.columns_read(m, '{table}')::text from replication.mapping m")).ShouldBe(columns);
    }

    [Fact]
    public async Task What_a_view_of_whole_rows_reads_is_not_known()
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OwnerAsync("""
            create view mapping.whole as select t.id, to_jsonb(t) as everything from public.timesheet_new t;
            insert into replication.mapping (name, view_name, old_table, foreign_table, sources) values ('whole', 'mapping.whole', 'x', 'x', '{}');
            """);

        (await scene.AskAsync<bool>("select replication.columns_read(m, 'timesheet_new') is null from replication.mapping m where name = 'whole'")).ShouldBeTrue();
        (await scene.AskAsync<string>("""
            select replication.row_trigger_values(c, w) ->> 'what' from replication.mapping w, replication.capture c
             where w.name = 'whole' and c.mapping = 'timesheet_old' and c.table_name = 'public.timesheet_new' and c.event = 'update'
            """)).ShouldContain("when false");
    }
}
