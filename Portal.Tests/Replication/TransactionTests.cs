using Npgsql;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>What one transaction sends to the old database, and when.</summary>
[EveryPostgres]
public sealed class TransactionTests
{
    [Theory]
    [InlineData("update timesheet_new set claimed_break_minutes = 10 where id = 1; update timesheet_new set status = 'rejected' where id = 1", 1)]
    [InlineData("update timesheet_new set status = 'rejected' where id = 1; update timesheet_options set hourly_rate = 30 where id = 1", 2)]
    [InlineData("update hospital set name = name || '!'; update worker set name = name || '!'; update timesheet_new set claimed_break_minutes = 0", 6)]
    [InlineData("insert into timesheet_new (id, worker_id, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes) values (50, 33, 1, '2026-05-01 08:00Z', '2026-05-01 09:00Z', 0); update timesheet_new set status = 'submitted' where id = 50; insert into timesheet_history (timesheet_id, account_name, action, to_status) values (50, 'Amara', 'submitted', 'submitted')", 1)]
    [InlineData("update timesheet_new set status = 'rejected' where id = 1; update timesheet_new set status = 'approved' where id = 1", 0)]
    [InlineData("update timesheet_new set status = status", 0)]
    [InlineData("update timesheet_new set submitted_at = now()", 0)]
    [InlineData("update timesheet_options set unit = 'Ward 4', planned_end = planned_end + interval '1 hour'", 0)]
    [InlineData("update hospital set currency = 'EUR'", 0)]
    [InlineData("update timesheet_new set timesheet_options_id = timesheet_options_id where id = 1", 0)]
    [InlineData("insert into hospital (name) values ('Not shown yet')", 0)]
    public async Task Each_row_that_looks_different_afterwards_is_written_once(string changes, long writes)
    {
        await using var scene = await EngineScene.CreateAsync();
        await CountWritesAsync(scene);

        await scene.WriteAsync(changes);

        (await WritesAsync(scene)).ShouldBe(writes);
        (await scene.QueuedAsync()).ShouldBe(0);
        (await scene.DifferencesAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Many_statements_of_one_row_each_write_every_row_once()
    {
        await using var scene = await EngineScene.CreateAsync();
        await CountWritesAsync(scene);

        await scene.OwnerAsync("insert into timesheet_options (id, hospital_id) values (50, 15)");
        await scene.WriteAsync("""
            do $$
            begin
                for n in 1000 .. 1249 loop
                    insert into timesheet_new (id, worker_id, timesheet_options_id) values (n, 33, 50);
                    update timesheet_new set status = 'submitted' where id = n;
                end loop;
            end $$;
            """);

        (await WritesAsync(scene)).ShouldBe(250);
        await scene.ShouldBeReplicatedAsync(EngineScene.Timesheets + 250);
    }

    [Theory]
    [InlineData("update timesheet_options set hourly_rate = 30 where id = 1")]
    [InlineData("update timesheet_new set timesheet_options_id = 2 where id = 1")]
    public async Task A_change_that_few_rows_show_reads_few_however_many_others_there_are(string change)
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OwnerAsync("""
            insert into timesheet_options (id, hospital_id) values (50, 15);
            insert into timesheet_new (worker_id, timesheet_options_id) select 33, 50 from generate_series(1, 20000);
            """);
        await scene.OwnerAsync("vacuum analyze timesheet_new");
        await scene.OwnerAsync("analyze timesheet_options");
        await using var session = await scene.SessionAsync(scene.Databases.Settings.Portal.New);

        await session.Do($"begin; {change}; set constraints all immediate");
        (await session.AskAsync<long>("select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables where relname = 'timesheet_new'"))
            .ShouldBeLessThan(100);
        await session.Do("commit");

        (await scene.QueuedAsync()).ShouldBe(0);
        (await scene.DifferencesAsync()).ShouldBe(0);
    }

    [Theory]
    [InlineData("update timesheet_new set status = 'rejected' where id = 1; alter table timesheet_new add column note text")]
    [InlineData("update timesheet_new set status = 'draft'; truncate payment")]
    [InlineData("delete from timesheet_new where id = 1; insert into payment (timesheet_id, amount, currency) values (2, 1, 'GBP'); truncate payment")]
    public async Task What_waits_for_the_commit_keeps_no_table_from_being_altered_or_truncated(string changes)
    {
        await using var scene = await EngineScene.CreateAsync();

        await scene.OwnerAsync(changes);

        (await scene.QueuedAsync()).ShouldBe(0);
        (await scene.DifferencesAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task An_update_that_changes_nothing_does_not_even_ask_the_old_database()
    {
        await using var scene = await EngineScene.CreateAsync();
        (await scene.ThroughLinkAsync()).Stop();

        await scene.WriteAsync("update timesheet_new set status = status; update hospital set name = name");

        (await scene.QueuedAsync()).ShouldBe(0);
        (await scene.BreakerAsync()).ShouldBe("closed");
    }

    [Fact]
    public async Task One_statement_is_delivered_for_inserts_updates_and_deletes_together()
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OldAsync("""
            create table delivery (id bigint generated always as identity);
            grant insert on delivery to portal_replicator;
            create function count_delivery() returns trigger language plpgsql as $$ begin insert into public.delivery default values; return new; end $$;
            create trigger count_delivery instead of update on portal_replication.inbox for each row execute function count_delivery();
            """);

        await scene.OwnerAsync("""
            delete from timesheet_new where id = 1;
            insert into timesheet_new (id, worker_id, timesheet_options_id) values (1, 34, 1);
            insert into timesheet_options (id, hospital_id) values (50, 15);
            insert into timesheet_new (id, worker_id, timesheet_options_id) values (50, 33, 50);
            delete from timesheet_new where id in (3, 50);
            update hospital set name = name || '!';
            """);

        (await scene.AskOldAsync<long>("select count(*) from delivery")).ShouldBe(1);
        await scene.ShouldBeReplicatedAsync(5);
    }

    [Fact]
    public async Task What_was_rolled_back_to_a_savepoint_is_not_sent_and_the_rest_is()
    {
        await using var scene = await EngineScene.CreateAsync();
        await CountWritesAsync(scene);

        await scene.WriteAsync("""
            begin;
            savepoint s1;
            update timesheet_new set status = 'rejected' where id = 1;
            rollback to s1;
            update timesheet_new set status = 'rejected' where id = 2;
            savepoint s2;
            insert into timesheet_options (id, hospital_id) values (60, 15);
            insert into timesheet_new (id, worker_id, timesheet_options_id) values (60, 33, 60);
            rollback to s2;
            commit;
            """);

        (await WritesAsync(scene)).ShouldBe(1);
        (await scene.AskOldAsync<long>("select count(*) from timesheet_old where status = 'rejected' and id = 2")).ShouldBe(1);
        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task A_transaction_rolled_back_leaves_nothing_even_after_it_was_sent()
    {
        await using var scene = await EngineScene.CreateAsync();

        await scene.WriteAsync("begin; update timesheet_new set status = 'rejected'; rollback");
        await scene.WriteAsync("begin; update timesheet_new set status = 'rejected'; set constraints all immediate; rollback");

        (await scene.AskOldAsync<long>("select count(*) from timesheet_old where status = 'rejected'")).ShouldBe(0);
        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task Constraints_set_immediate_send_at_once_and_it_shows_at_commit()
    {
        await using var scene = await EngineScene.CreateAsync();
        await using var session = await scene.SessionAsync();

        await session.Do("begin; update timesheet_new set status = 'rejected' where id = 1; set constraints all immediate");
        (await scene.AskOldAsync<string>("select status from timesheet_old where id = 1")).ShouldBe("approved");
        await session.Do("commit");

        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task What_is_changed_after_an_early_flush_waits_in_the_outbox()
    {
        await using var scene = await EngineScene.CreateAsync();

        await scene.WriteAsync("""
            begin;
            update timesheet_new set status = 'rejected' where id = 1;
            set constraints do_dreplicate_to_old_table, flush_update_timesheet_old immediate;
            update timesheet_new set status = 'rejected' where id = 2;
            commit;
            """);

        (await scene.QueuedAsync()).ShouldBe(1);
        await scene.DrainAsync();
        await scene.ShouldBeReplicatedAsync();
    }

    [Theory]
    [InlineData("repeatable read")]
    [InlineData("serializable")]
    public async Task At_a_higher_isolation_the_keys_wait_in_the_outbox_and_drain_writes_them(string level)
    {
        await using var scene = await EngineScene.CreateAsync();

        await scene.WriteAsync($"begin isolation level {level}; update timesheet_new set status = 'rejected' where id in (1, 2); commit");

        (await scene.QueuedAsync()).ShouldBe(2);
        (await scene.BreakerAsync()).ShouldBe("closed");
        (await scene.AskAsync<int>("select replication.drain()")).ShouldBe(2);
        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task Draining_at_a_higher_isolation_is_refused()
    {
        await using var scene = await EngineScene.CreateAsync();

        var refusal = await Should.ThrowAsync<PostgresException>(
            () => scene.WriteAsync("begin isolation level repeatable read; select replication.drain(); commit"));

        refusal.SqlState.ShouldBe(PostgresErrorCodes.InvalidTransactionState);
    }

    // Counts rows written, by whomever.
    private static Task CountWritesAsync(EngineScene scene) => scene.OldAsync("""
        create table written (id bigint);
        grant insert on written to portal_replicator;
        create function count_written() returns trigger language plpgsql as $$ begin insert into public.written values (coalesce(new.id, old.id)); return null; end $$;
        create trigger count_written after insert or update or delete on timesheet_old for each row execute function count_written();
        """);

    private static Task<long> WritesAsync(EngineScene scene) => scene.AskOldAsync<long>("select count(*) from written");
}
