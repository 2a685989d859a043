using Npgsql;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>The modes of the engine, and the check that finds what it could not know of.</summary>
[EveryPostgres]
public sealed class ModeTests
{
    private const string Change = "update timesheet_new set claimed_break_minutes = claimed_break_minutes + 1 where id = 1";

    [Fact]
    public async Task Queued_leaves_everything_to_the_worker()
    {
        await using var scene = await EngineScene.CreateAsync();

        await scene.WriteAsync("select replication.set_mode('queued', 'ada')");
        await scene.WriteAsync(Change);

        (await scene.QueuedAsync()).ShouldBe(1);
        await scene.DrainAsync();
        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task Paused_also_stops_emptying_the_outbox()
    {
        await using var scene = await EngineScene.CreateAsync();

        await scene.WriteAsync("select replication.set_mode('paused', 'ada')");
        await scene.WriteAsync(Change);
        await scene.DrainAsync();
        (await scene.QueuedAsync()).ShouldBe(1);
        (await scene.DifferencesAsync()).ShouldBe(1);

        await scene.WriteAsync("select replication.set_mode('synchronous', 'ada')");
        await scene.DrainAsync();
        await scene.ShouldBeReplicatedAsync();
        await scene.WriteAsync(Change);
        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task A_change_of_mode_waits_for_no_writer_and_holds_up_none()
    {
        await using var scene = await EngineScene.CreateAsync();
        await using var writer = await scene.SessionAsync(scene.Databases.Settings.Portal.New);
        await using var admin = await scene.SessionAsync(scene.Databases.Settings.Portal.New);

        await writer.Do("begin; " + Change);
        await admin.Do("begin; select replication.set_mode('queued', 'ada')");
        await writer.Do("commit");
        await admin.Do("commit");

        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task Every_change_of_mode_is_noted_with_who_did_it()
    {
        await using var scene = await EngineScene.CreateAsync();

        foreach (var (mode, who) in new[] { ("queued", "ada"), ("queued", "bob"), ("paused", "bob"), ("synchronous", "ada") })
        {
            await scene.WriteAsync($"select replication.set_mode('{mode}', '{who}')");
        }

        (await scene.AskAsync<string>("""
            select string_agg(account || ': ' || (before ->> 'mode') || ' to ' || (after ->> 'mode'), ', ' order by id) from replication.audit where action = 'mode'
            """)).ShouldBe("ada: synchronous to queued, bob: queued to paused, ada: paused to synchronous");
    }

    [Theory]
    [InlineData("queued", "paused", "paused", false)]
    [InlineData("queued", "synchronous", "queued", true)]
    [InlineData("paused", "paused", "paused", true)]
    public async Task Who_has_seen_another_mode_than_there_is_by_now_changes_nothing(string wanted, string set, string then, bool done)
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.WriteAsync($"select replication.set_mode('{set}', 'bob')");

        (await scene.AskAsync<bool>($"select replication.set_mode('{wanted}', 'ada', 'synchronous')")).ShouldBe(done);

        (await scene.AskAsync<string>("select mode from replication.control")).ShouldBe(then);
    }

    [Fact]
    public async Task An_unknown_mode_is_refused()
    {
        await using var scene = await EngineScene.CreateAsync();

        (await Should.ThrowAsync<PostgresException>(() => scene.WriteAsync("select replication.set_mode('asynchronous', 'ada')")))
            .ConstraintName.ShouldBe("control_mode_check");
    }

    [Theory]
    [InlineData(10000, 1)]
    [InlineData(2, 4)]
    public async Task Verification_finds_an_extra_a_missing_and_a_changed_row_and_draining_mends_them(int slice, int slices)
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OldAsync("""
            insert into timesheet_old (id, worker_id, hospital_id, status, is_approved) values (7, 33, 15, 'draft', false);
            delete from timesheet_old where id = 2;
            update timesheet_old set amount_due = amount_due + 1 where id = 5;
            -- By nobody that is known.
            truncate portal_replication.other_write;
            """);

        var found = 0L;
        var asked = 0;
        for (var finished = false; !finished; asked++)
        {
            await using var command = scene.Databases.New.CreateCommand($"select differences, finished from replication.verify('timesheet_old', {slice})");
            await using var row = await command.ExecuteReaderAsync();
            await row.ReadAsync();
            (found, finished) = (found + row.GetInt64(0), row.GetBoolean(1));
        }

        (found, asked).ShouldBe((3, slices));
        (await scene.AskAsync<long>("select found_last from replication.verification")).ShouldBe(3);
        (await scene.AskAsync<bool>("select finished_at is not null and next_key is null and found = 0 from replication.verification")).ShouldBeTrue();
        (await scene.QueuedAsync()).ShouldBe(3);
        await scene.DrainAsync();
        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task Verification_counts_what_somebody_else_has_written_and_leaves_it_for_an_admin()
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OldAsync("update timesheet_old set amount_due = 1 where id = 4; truncate portal_replication.other_write");
        await scene.OldAsync("update timesheet_old set amount_due = 1 where id = 5; delete from timesheet_old where id = 2");

        (await scene.AskAsync<long>("select differences from replication.verify('timesheet_old')")).ShouldBe(3);
        await scene.DrainAsync();

        (await scene.AskAsync<string>("select string_agg(id::text, ' ' order by id) from replication.compare()")).ShouldBe("2 5");
    }
}
