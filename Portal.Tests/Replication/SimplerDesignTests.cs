using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>Designs that look as good and lose changes. Each replaces a part of the engine in a database of its own, and goes
/// through steps that the engine survives; so these also show that the comparison can fail.</summary>
[EveryPostgres]
public sealed class SimplerDesignTests
{
    // One row trigger for each table; it writes what it sees in its own row and looks the rest up.
    private const string RowTriggers = """
        do $$
        declare
            t record;
        begin
            for t in select * from replication.expected_trigger loop
                execute format('drop trigger %I on %s', t.trigger_name, t.table_name);
            end loop;
        end $$;
        create function timesheet_changed() returns trigger language plpgsql security definer as $$
        begin
            delete from timesheet_old_schema.timesheet_old where id = new.id;
            insert into timesheet_old_schema.timesheet_old
            select (jsonb_populate_record(v, jsonb_build_object('worker_id', new.worker_id, 'status', new.status,
                       'is_approved', new.status = 'approved', 'break_minutes', new.claimed_break_minutes))).*
              from mapping.timesheet_old v where v.id = new.id;
            return null;
        end $$;
        create constraint trigger do_dreplicate_to_old_table after insert or update on timesheet_new
            deferrable initially deferred for each row execute function timesheet_changed();
        create function options_changed() returns trigger language plpgsql security definer as $$
        declare
            the_name constant text := (select name from public.hospital where id = new.hospital_id);
        begin
            update timesheet_old_schema.timesheet_old o
               set hospital_id = new.hospital_id, hospital_name = the_name
             where o.id = any (array(select id from public.timesheet_new where timesheet_options_id = new.id));
            return null;
        end $$;
        create constraint trigger options_changed after update on timesheet_options
            deferrable initially deferred for each row execute function options_changed();
        """;

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
        LosesAsync(RowTriggers, first, second);

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
