using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>A transaction's only row is updated in the old table itself, without the inbox, where that was just seen to be safe;
/// whatever comes in between falls back to the inbox or the outbox.</summary>
[EveryPostgres]
public sealed class StraightTests
{
    private const string Insert = "insert into timesheet_new (worker_id, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes) values (33, 2, '2026-05-01 08:00Z', '2026-05-01 16:00Z', 30)";
    private const string Amend = "update timesheet_new set status = 'rejected' where id = 3";
    private const string Move = "update timesheet_new set timesheet_options_id = 3 where id = 3";

    [Theory]
    [InlineData(Amend, 1)]
    [InlineData(Move, 1)]
    // postgres_fdw would send three statements for it.
    [InlineData(Insert, 2)]
    public async Task A_single_row_goes_to_the_inbox_only_the_first_time_or_when_it_is_new(string change, long deliveries)
    {
        await using var scene = await CountingAsync();

        await scene.WriteAsync("update timesheet_new set status = 'draft' where id = 1");
        (await DeliveriesAsync(scene)).ShouldBe(1);
        (await scene.AskAsync<bool>($"select {Until} between extract(epoch from clock_timestamp()) - 60 and extract(epoch from clock_timestamp()) + 1")).ShouldBeTrue();

        await AllowAsync(scene);
        await scene.WriteAsync(change);

        (await DeliveriesAsync(scene)).ShouldBe(deliveries);
        await scene.ShouldBeReplicatedAsync(await scene.AskAsync<long>("select count(*) from timesheet_new"));
    }

    [Theory]
    [InlineData("alter table timesheet_old add constraint one_row unique (id) deferrable initially deferred")]
    [InlineData("alter table timesheet_old disable trigger portal_leave_unchanged")]
    public async Task What_the_old_table_checks_at_commit_or_would_write_without_need_goes_through_the_inbox(string change)
    {
        await using var scene = await CountingAsync();
        await scene.OldAsync(change);

        await scene.WriteAsync(Amend);
        await scene.WriteAsync(Move);

        (await scene.AskAsync<long>("select " + Until)).ShouldBe(1);
        (await DeliveriesAsync(scene)).ShouldBe(2);
        await scene.ShouldBeReplicatedAsync();
    }

    [Theory]
    [InlineData("update timesheet_new set submitted_at = now() where id = 3")]
    [InlineData("update timesheet_new set timesheet_options_id = 50 where id = 3")]
    public async Task A_row_that_the_mapping_shows_unchanged_is_not_written(string change)
    {
        await using var scene = await AllowedAsync();
        await scene.OwnerAsync("insert into timesheet_options (id, hospital_id, hourly_rate) select 50, hospital_id, hourly_rate from timesheet_options where id = 2");
        var written = await scene.AskOldAsync<string>("select xmin::text from timesheet_old where id = 3");

        await scene.WriteAsync(change);

        (await scene.AskOldAsync<string>("select xmin::text from timesheet_old where id = 3")).ShouldBe(written);
        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task A_row_that_the_old_table_refuses_is_set_aside_and_the_link_is_not_blamed()
    {
        await using var scene = await AllowedAsync();
        await scene.OldAsync("alter table timesheet_old add constraint nothing_rejected check (status <> 'rejected')");

        await scene.WriteAsync(Amend);
        await scene.WriteAsync("update timesheet_new set status = 'draft' where id = 4");

        (await scene.AskAsync<string>("select string_agg(key || ' ' || code, ' ') from replication.set_aside")).ShouldBe("3 23514");
        (await scene.QueuedAsync()).ShouldBe(0);
        (await scene.BreakerAsync()).ShouldBe("closed");
        (await scene.DifferencesAsync()).ShouldBe(1);
    }

    [Theory]
    [InlineData("delete from timesheet_old where id = 3", Amend)]
    [InlineData("delete from timesheet_old where id = 3", Move)]
    [InlineData("insert into timesheet_old select 100, worker_id, hospital_id, status, is_approved from timesheet_old where id = 3", Insert)]
    public async Task A_row_that_is_missing_in_the_old_table_or_there_already_becomes_what_the_mapping_shows(string before, string change)
    {
        await using var scene = await AllowedAsync();
        await scene.OldAsync(before);

        await scene.WriteAsync(change);

        await scene.ShouldBeReplicatedAsync(await scene.AskAsync<long>("select count(*) from timesheet_new"));
    }

    [Theory]
    [InlineData(Insert)]
    [InlineData(Amend)]
    [InlineData(Move)]
    public async Task When_the_old_database_is_out_of_reach_the_row_waits_in_the_outbox(string change)
    {
        await using var scene = await AllowedAsync();
        (await scene.ThroughLinkAsync()).Stop();

        await scene.WriteAsync(change);

        (await scene.QueuedAsync()).ShouldBe(1);
        (await scene.BreakerAsync()).ShouldBe("open");
    }

    private const string Until = "pg_sequence_last_value('replication.straight_timesheet_old'::regclass)";

    private static Task AllowAsync(EngineScene scene) => scene.OwnerAsync("select setval('replication.straight_timesheet_old', 9000000000)");

    private static async Task<EngineScene> AllowedAsync()
    {
        var scene = await EngineScene.CreateAsync();
        await AllowAsync(scene);
        return scene;
    }

    private static async Task<EngineScene> CountingAsync()
    {
        var scene = await EngineScene.CreateAsync();
        await scene.OldAsync("""
            create table delivery (id bigint generated always as identity);
            grant insert on delivery to portal_replicator;
            create function count_delivery() returns trigger language plpgsql as $$ begin insert into public.delivery default values; return new; end $$;
            create trigger count_delivery instead of update on portal_replication.inbox for each row execute function count_delivery();
            """);
        // As if nobody had written anything lately.
        await scene.OwnerAsync("select setval('replication.straight_timesheet_old', 1)");
        return scene;
    }

    private static Task<long> DeliveriesAsync(EngineScene scene) => scene.AskOldAsync<long>("select count(*) from delivery");
}
