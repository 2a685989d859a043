using static Portal.Tests.Replication.RunningWorker;

namespace Portal.Tests.Replication;

/// <summary>How the worker notices an old server that hangs.</summary>
public sealed class ReplicationWatchTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_serves_those_it_has_and_lets_in_no_other_opens_the_breaker()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await using var worker = await RunningWorker.StartAsync(scene);
        // Through the connection that the worker goes on using.
        await scene.NewAsync("select replication.set_mode('queued', 'test')");
        await scene.WriteAsync("update timesheet_new set status = 'rejected' where id = 1");
        await Until(async () => await scene.Outbox.ReadAsync(Cancel) is { OutboxKeys: 0 });
        await scene.NewAsync("select replication.set_mode('synchronous', 'test')");

        scene.Link.HangForNewcomers();
        await Until(async () => (await scene.Outbox.ReadAsync(Cancel)).BreakerOpen);
        var since = (await scene.Outbox.ReadAsync(Cancel)).BreakerSince;
        var looks = scene.Link.Waiting;
        await Until(() => Task.FromResult(scene.Link.Waiting >= looks + 2));
        (await scene.Outbox.ReadAsync(Cancel)).ShouldSatisfyAllConditions(s => s.BreakerOpen.ShouldBeTrue(), s => s.BreakerSince.ShouldBe(since));

        scene.Link.Resume();
        await Until(async () => await scene.Outbox.ReadAsync(Cancel) is { BreakerOpen: false });
    }

    [Fact]
    public async Task A_worker_that_itself_waits_for_a_hanging_server_opens_the_breaker_for_the_others()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        using var ofWrapper = new OldServerLink(scene.Databases.Settings.Portal.Old);
        await scene.NewAsync($"alter server timesheet_old_server options (set port '{ofWrapper.Port}'); select replication.set_mode('queued', 'test')");
        await using var worker = await RunningWorker.StartAsync(scene);
        await scene.OldAsync("""
            create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(1); return new; end';
            create trigger slow before update on timesheet_old for each row execute function slow();
            """);

        await scene.WriteAsync("update timesheet_new set status = 'rejected' where id = 1");
        await Until(() => WaitsAsync(scene));
        ofWrapper.Hang();
        scene.Link.Hang();

        await Until(async () => (await scene.Outbox.ReadAsync(Cancel)).BreakerOpen, TimeSpan.FromSeconds(10));
        ofWrapper.Resume();
        scene.Link.Resume();
        await Until(async () => await scene.Outbox.ReadAsync(Cancel) is { BreakerOpen: false, OutboxKeys: 0 });
        await scene.ShouldBeEqualAsync(12);

        static async Task<bool> WaitsAsync(ReplicationScene scene) => await scene.NewAsync<bool>(
            "select exists (select from pg_stat_activity where query like '%replication.drain(%' and state = 'active' and wait_event_type = 'Extension')");
    }

    [Fact]
    public async Task After_a_crash_of_the_old_server_all_is_compared_again()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await using var worker = await RunningWorker.StartAsync(scene, verifyInterval: TimeSpan.FromHours(1));
        await Until(async () =>
        {
            await scene.OldAsync("update timesheet_old set status = 'draft' where id = 1; truncate portal_replication.other_write");
            await worker.LooksTwiceAsync();
            // Once the rounds after the start are over, it stays.
            return await scene.OldAsync<string>("select status from timesheet_old where id = 1") == "draft";
        });

        // What it counts begins anew after a crash, and here without one.
        await scene.OldAsync("select pg_stat_reset_shared('bgwriter')");

        await Until(async () => await scene.OldAsync<string>("select status from timesheet_old where id = 1") == "approved");
    }
}
