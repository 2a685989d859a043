using System.Diagnostics;
using Portal.Data.Replication;
using static Portal.Tests.Replication.RunningWorker;

namespace Portal.Tests.Replication;

public sealed class ReplicationWorkerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Users_write_on_while_the_link_is_cut_and_all_of_it_arrives_when_it_is_back()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await using var worker = await RunningWorker.StartAsync(scene);
        var port = scene.Link.Port;

        scene.Link.Stop();
        await Until(async () => (await scene.Outbox.ReadAsync(Cancel)).BreakerOpen);
        for (var id = 1; id <= 12; id++)
        {
            await scene.WriteAsync($"update timesheet_new set status = 'submitted' where id = {id}");
        }

        await scene.NewAsync("delete from timesheet_new where id = 12");
        (await scene.Outbox.ReadAsync(Cancel)).OutboxKeys.ShouldBe(13);
        (await scene.OldAsync<long>("select count(*) from timesheet_old where status = 'submitted'")).ShouldBe(0);

        scene.Link.Start(port);

        await Until(async () => await scene.Outbox.ReadAsync(Cancel) is { BreakerOpen: false, OutboxKeys: 0 });
        await scene.ShouldBeEqualAsync(11);
    }

    [Fact]
    public async Task A_hanging_old_server_opens_the_breaker_too()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await using var worker = await RunningWorker.StartAsync(scene);

        scene.Link.Hang();
        await Until(async () => (await scene.Outbox.ReadAsync(Cancel)).BreakerOpen);
        var start = Stopwatch.GetTimestamp();
        await scene.WriteAsync("update timesheet_new set status = 'submitted' where id = 1");
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(1));

        scene.Link.Resume();
        await Until(async () => await scene.Outbox.ReadAsync(Cancel) is { BreakerOpen: false, OutboxKeys: 0 });
        await scene.ShouldBeEqualAsync(12);
    }

    [Fact]
    public async Task A_refused_row_arrives_by_itself_once_the_old_database_takes_it()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old add constraint no_drafts check (status <> 'draft')");
        await using var worker = await RunningWorker.StartAsync(scene);
        await scene.WriteAsync("update timesheet_new set status = case id when 3 then 'draft' else 'submitted' end where id in (3, 4)");

        var refused = (await scene.Outbox.SetAsideAsync(10, Cancel)).ShouldHaveSingleItem();
        (refused.Key, refused.Code).ShouldBe((3, "23514"));
        (await scene.OldAsync<string>("select status from timesheet_old where id = 4")).ShouldBe("submitted");
        await Until(async () => (await scene.Outbox.SetAsideAsync(10, Cancel)) is [{ Attempts: > 1 }]);

        await scene.OldAsync("alter table timesheet_old drop constraint no_drafts");

        await Until(async () => (await scene.Outbox.ReadAsync(Cancel)).SetAside == 0);
        await scene.ShouldBeEqualAsync(12);
    }

    [Fact]
    public async Task After_a_repair_it_is_checked_at_once_whether_rows_differ_still()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        // Longer than this test has patience: what is checked is so for another reason.
        await using var worker = await RunningWorker.StartAsync(scene, verifyInterval: TimeSpan.FromHours(1));
        await RunningWorker.Until(() => Finished(scene));
        await worker.LooksTwiceAsync();
        await scene.NewAsync("update replication.verification set found_last = 2");
        await worker.LooksTwiceAsync();
        (await scene.NewAsync<decimal>("select sum(found_last) from replication.verification")).ShouldBe(2);

        await scene.NewAsync("insert into replication.repair (mapping, account, why, state, finished_at) values ('timesheet_old', 'Ada', 'test', 'finished', clock_timestamp())");

        await RunningWorker.Until(async () => await scene.NewAsync<decimal>("select sum(found_last) from replication.verification") == 0);
    }

    [Fact]
    public async Task Once_the_other_database_is_the_right_one_what_was_found_before_is_forgotten_and_all_is_checked_at_once()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        // Longer than this test has patience: what is checked is so for another reason.
        await using var worker = await RunningWorker.StartAsync(scene, verifyInterval: TimeSpan.FromHours(1));
        await RunningWorker.Until(() => Finished(scene));
        await scene.NewAsync("select replication.set_authority('old', 'Ada', 'test')");
        (await scene.NewAsync<long>("select count(*) from replication.verification where found > 0 or found_last is not null")).ShouldBe(0);
        // Who did it is forgotten, or it would be left to an admin.
        await scene.OldAsync("delete from timesheet_old where id = 5; truncate portal_replication.other_write");

        await scene.NewAsync("select replication.set_authority('new', 'Ada', 'test')");

        await RunningWorker.Until(() => Finished(scene));
        await RunningWorker.Until(async () => await scene.OldAsync<long>("select count(*) from timesheet_old where id = 5") == 1);
    }

    [Fact]
    public async Task Several_workers_share_the_work()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("""
            select replication.set_mode('paused', 'test');
            insert into timesheet_options (id, hospital_id, planned_start, planned_end, planned_break_minutes, hourly_rate)
            select n, 15 + n % 2, timestamptz '2026-06-01 08:00+00' + n * interval '1 day',
                   timestamptz '2026-06-01 16:00+00' + n * interval '1 day', 30, 20
              from generate_series(101, 700) n;
            """);
        // An entry of the outbox each.
        for (var id = 101; id <= 700; id += 20)
        {
            await scene.WriteAsync($"""
                insert into timesheet_new (id, worker_id, status, timesheet_options_id)
                select n, 33 + n % 2, 'approved', n from generate_series({id}, {id + 19}) n
                """);
        }

        List<RunningWorker> workers = [];
        for (var n = 0; n < 4; n++)
        {
            workers.Add(await RunningWorker.StartAsync(scene, batchKeys: 20));
        }

        await scene.NewAsync("select replication.set_mode('queued', 'test')");
        await scene.WriteAsync("update timesheet_new set status = 'submitted' where id % 3 = 0");

        await Until(async () => await scene.Outbox.ReadAsync(Cancel) is { BreakerOpen: false, OutboxKeys: 0, ErrorCode: null });
        foreach (var worker in workers)
        {
            await worker.DisposeAsync();
        }

        await scene.ShouldBeEqualAsync(612);
    }

    [Fact]
    public async Task While_paused_nothing_is_delivered()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("select replication.set_mode('paused', 'test')");
        await using var worker = await RunningWorker.StartAsync(scene);
        await scene.WriteAsync("update timesheet_new set status = 'submitted' where id = 1");

        // It has looked at least once after the change.
        await Until(() => Task.FromResult(worker.Metrics.State is { OutboxKeys: 1 }));
        (await scene.OldAsync<string>("select status from timesheet_old where id = 1")).ShouldBe("approved");

        await scene.NewAsync("select replication.set_mode('synchronous', 'test')");
        await Until(async () => await scene.OldAsync<string>("select status from timesheet_old where id = 1") == "submitted");
    }

    private static Task<bool> Finished(ReplicationScene scene) =>
        scene.NewAsync<bool>("select bool_and(finished_at is not null and next_key is null) from replication.verification");
}
