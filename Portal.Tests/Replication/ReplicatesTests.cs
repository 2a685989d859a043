using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>Every kind of change reaches the old database by the end of its commit.</summary>
[EveryPostgres]
public sealed class ReplicatesTests
{
    private const string Bulk = """
        insert into worker (id, name) select 1000 + n, 'Worker ' || n from generate_series(1, 20000) n;
        insert into timesheet_new (id, worker_id, timesheet_options_id) select 1000 + n, 1000 + n, 1 + n % 3 from generate_series(1, 20000) n;
        """;

    [Theory]
    [InlineData("insert into timesheet_new (worker_id, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes) values (33, 1, '2026-05-01 22:00+01', '2026-05-02 06:00+01', 30)")]
    [InlineData("insert into timesheet_new (worker_id, timesheet_options_id) values (33, 1)")]
    [InlineData("with o as (insert into timesheet_options (hospital_id) values (16) returning id) insert into timesheet_new (worker_id, timesheet_options_id) select 34, id from o")]
    [InlineData("update timesheet_new set status = 'rejected'")]
    [InlineData("update timesheet_new set claimed_end = claimed_end + interval '90 minutes', claimed_break_minutes = 45 where id = 2")]
    [InlineData("update timesheet_new set worker_id = 67 - worker_id where id in (1, 3)")]
    [InlineData("update timesheet_new set timesheet_options_id = 2 where id = 1")]
    [InlineData("update timesheet_new set timesheet_options_id = 1 + timesheet_options_id % 3")]
    [InlineData("update timesheet_options set hospital_id = 31 - hospital_id")]
    [InlineData("update timesheet_options set hourly_rate = 99.99 where id = 2")]
    [InlineData("update timesheet_options set hospital_id = 15; update timesheet_new set timesheet_options_id = 2 where id = 6")]
    [InlineData("update hospital set name = 'St Anne''s, renamed' where id = 15")]
    [InlineData("update hospital set time_zone = 'America/New_York'")]
    [InlineData("update worker set name = 'Amara Okafor-Bell' where id = 33")]
    [InlineData("insert into payment (timesheet_id, amount, currency) values (1, 172, 'GBP'), (4, 172, 'GBP')")]
    public async Task What_the_portal_changes_is_replicated(string change)
    {
        await using var scene = await EngineScene.CreateAsync();
        await FreeOfOverlapAsync(scene);
        var before = await OldAsync(scene);

        await scene.WriteAsync(change);

        await scene.ShouldBeReplicatedAsync(await scene.AskAsync<long>("select count(*) from timesheet_new"));
        (await OldAsync(scene)).ShouldNotBe(before);
    }

    [Theory]
    [InlineData("update timesheet_options set hospital_id = 31 - hospital_id where id = 2")]
    [InlineData("update hospital set name = 'St Anne''s, renamed' where id = 15")]
    public async Task A_shared_row_is_replicated_to_all_who_show_it_however_many(string change)
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OwnerAsync(Bulk);

        await scene.WriteAsync(change);

        await scene.ShouldBeReplicatedAsync(20006);
    }

    [Theory]
    [InlineData("delete from timesheet_new where id = 2", 5)]
    [InlineData("delete from timesheet_new", 0)]
    [InlineData("insert into payment (timesheet_id, amount, currency) values (1, 1, 'GBP'); delete from payment; delete from timesheet_new where id = 1", 5)]
    [InlineData("truncate timesheet_new cascade", 0)]
    [InlineData("truncate timesheet_options cascade", 0)]
    [InlineData("truncate worker cascade", 0)]
    [InlineData("truncate hospital cascade", 0)]
    [InlineData("insert into payment (timesheet_id, amount, currency) values (1, 1, 'GBP'); truncate payment", 6)]
    [InlineData("truncate timesheet_new cascade; insert into timesheet_new (id, worker_id, timesheet_options_id) values (1, 34, 3)", 1)]
    [InlineData("update timesheet_new set id = id + 500 where id = 3", 6)]
    [InlineData("update timesheet_new set id = -id", 6)]
    [InlineData("delete from timesheet_new where id = 3; insert into timesheet_new (id, worker_id, timesheet_options_id) values (3, 33, 1)", 6)]
    [InlineData(Bulk, 20006)]
    [InlineData(Bulk + "update timesheet_options set hourly_rate = hourly_rate + 1; update timesheet_new set status = 'submitted'", 20006)]
    [InlineData(Bulk + "delete from timesheet_new where id > 10", 6)]
    public async Task What_the_owner_changes_is_replicated(string change, long rows)
    {
        await using var scene = await EngineScene.CreateAsync();
        await FreeOfOverlapAsync(scene);

        await scene.OwnerAsync(change);

        await scene.ShouldBeReplicatedAsync(rows);
    }

    [Fact]
    public async Task Copied_rows_are_replicated()
    {
        await using var scene = await EngineScene.CreateAsync();
        await using (var connection = await scene.Databases.New.OpenConnectionAsync())
        {
            await using var copy = await connection.BeginTextImportAsync(
                "copy timesheet_new (worker_id, status, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes) from stdin");
            await copy.WriteAsync("33\tsubmitted\t1\t2026-06-01 08:00+01\t2026-06-01 12:00+01\t0\n34\tdraft\t2\t2026-06-02 08:00+01\t2026-06-02 12:00+01\t15\n");
        }

        await scene.ShouldBeReplicatedAsync(8);
    }

    [Fact]
    public async Task The_mapping_has_exactly_the_columns_of_the_old_table()
    {
        const string Columns = """
            select string_agg(format('%s %s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum)
              from pg_attribute where attrelid = '{0}'::regclass and attnum > 0 and not attisdropped
            """;
        await using var scene = await EngineScene.CreateAsync();

        var old = await scene.AskOldAsync<string>(Columns.Replace("{0}", "public.timesheet_old", StringComparison.Ordinal));

        (await scene.AskAsync<string>(Columns.Replace("{0}", "mapping.timesheet_old", StringComparison.Ordinal))).ShouldBe(old);
    }

    // So that a change can be a plain one; overlapping shifts are another subject.
    private static Task FreeOfOverlapAsync(EngineScene scene) =>
        scene.OwnerAsync("alter table timesheet_new drop constraint timesheet_new_no_overlap");

    private static Task<string> OldAsync(EngineScene scene) =>
        scene.AskOldAsync<string>("select string_agg(t::text, ';' order by id) from timesheet_old t");
}
