using Portal.Tests.Replication.Faults;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>Designs that look as good and lose changes. Each replaces a part of the engine in a database of its own, and goes
/// through steps that the engine survives; so these also show that the comparison can fail.</summary>
[EveryPostgres]
public sealed class SimplerDesignTests
{
    // Lists the timesheets of a hospital in the statement that changes it.
    private const string ListedInStatement = """
        create or replace function replication.capture_timesheet_old_hospital_update() returns trigger language plpgsql security definer as $$
        begin
            insert into replication.outbox (mapping, keys)
            select 'timesheet_old', array_agg(t.id)
              from after_rows h join public.timesheet_options o on o.hospital_id = h.id join public.timesheet_new t on t.timesheet_options_id = o.id;
            return null;
        end $$;
        """;

    // Locks for keys of old rows, none for what they share.
    private const string NoSharedLocks = """
        create function replication.lock_of_key(class integer, stripe integer) returns void language plpgsql as $$
        begin
            if stripe >= 0 then
                perform pg_advisory_xact_lock(class, stripe);
            end if;
        end $$;
        do $$ begin
            execute regexp_replace(pg_get_functiondef('replication.write_timesheet_old'::regproc), 'pg_advisory_xact_lock(_shared)?', 'replication.lock_of_key', 'g');
        end $$;
        """;

    private const string Rename = "begin; update hospital set name = 'St Anne''s, renamed' where id = 15";
    private const string InsertThere = "insert into timesheet_new (id, worker_id, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes) values (50, 33, 2, '2026-05-01 08:00Z', '2026-05-01 16:00Z', 30)";
    private const string MoveThere = "update timesheet_new set timesheet_options_id = 1 where id = 4";
    private const string OtherHospital = "begin; update timesheet_options set hospital_id = 15 where id = 1";
    private const string Flush = "; set constraints all immediate";

    [Theory]
    [InlineData(OtherHospital + Flush, "update timesheet_new set timesheet_options_id = 1 where id = 6")]
    [InlineData(OtherHospital + Flush, "insert into timesheet_new (id, worker_id, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes) values (50, 33, 1, '2026-05-01 08:00Z', '2026-05-01 16:00Z', 30)")]
    public Task The_articles_row_triggers_miss_a_timesheet_that_comes_while_its_options_change(string first, string second) =>
        LosesAsync(Sabotage.ArticlesTrigger, first, second);

    // So it is a fair one to be measured against.
    [Fact]
    public async Task Alone_the_articles_row_triggers_write_what_the_engine_writes()
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OwnerAsync(Sabotage.ArticlesTrigger);

        foreach (var change in (string[])
        [
            InsertThere, MoveThere, "update timesheet_new set claimed_break_minutes = 45 where id = 1",
            "update hospital set name = 'renamed' where id = 15", "update hospital set time_zone = 'America/New_York' where id = 16",
            "update timesheet_options set hospital_id = 15, hourly_rate = 30 where id = 1", "update worker set name = 'renamed' where id = 33",
            "insert into payment (timesheet_id, amount, currency) values (1, 100, 'GBP')", "delete from payment where timesheet_id = 1",
            "delete from timesheet_new where id = 2",
        ])
        {
            await scene.OwnerAsync(change);
            (await scene.DifferencesAsync()).ShouldBe(0, change);
        }

        (await scene.QueuedAsync()).ShouldBe(0);
    }

    [Fact]
    public Task A_list_made_in_the_statement_misses_what_is_inserted_before_its_commit() =>
        LosesAsync(ListedInStatement, Rename, InsertThere);

    [Theory]
    [InlineData(Rename + Flush, InsertThere)]
    [InlineData(OtherHospital + Flush, MoveThere)]
    public Task Locks_on_keys_alone_let_a_rename_and_an_insert_pass_each_other(string first, string second) =>
        LosesAsync(NoSharedLocks, first, second);

    // The first is at work, the second comes and goes, then the first commits.
    private static async Task LosesAsync(string design, string first, string second)
    {
        await using var scene = await EngineScene.CreateAsync();
        (await LeftDifferentAsync(scene, first, second)).ShouldBe(0);

        await using var other = await EngineScene.CreateAsync();
        await other.OwnerAsync(design);
        (await LeftDifferentAsync(other, first, second)).ShouldBe(1);
    }

    private static async Task<long> LeftDifferentAsync(EngineScene scene, string first, string second)
    {
        await using var a = await scene.SessionAsync();
        await using var b = await scene.SessionAsync();
        await a.Do(first);
        await b.Do(second);
        await a.Do("commit");
        await scene.DrainAsync();
        return await scene.DifferencesAsync();
    }
}
