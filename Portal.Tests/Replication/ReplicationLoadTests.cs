using Portal.Tests.Support;
using static Portal.Tests.Replication.RunningWorker;

namespace Portal.Tests.Replication;

/// <summary>The worker while users never stop writing, so that the outbox is never seen empty.</summary>
[EveryPostgres]
public sealed class ReplicationLoadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_breaker_closes_again()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await using var worker = await RunningWorker.StartAsync(scene);
        await scene.NewAsync("select replication.not_written('08006', 'test')");

        await WhileWritingAsync(scene, () => Until(async () => !(await scene.Outbox.ReadAsync(Cancel)).BreakerOpen));
    }

    [Fact]
    public async Task Old_and_new_are_compared_all_the_same()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("select replication.set_mode('queued', 'test')");
        await scene.OldAsync("insert into timesheet_old (id, worker_id, hospital_id, status, is_approved) values (999, 33, 15, 'draft', false); truncate portal_replication.other_write");

        await WhileWritingAsync(scene, async () =>
        {
            await using var worker = await RunningWorker.StartAsync(scene);
            await Until(async () => await scene.OldAsync<long>("select count(*) from timesheet_old where id = 999") == 0);
        });
    }

    private static async Task WhileWritingAsync(ReplicationScene scene, Func<Task> act)
    {
        // Whatever is delivered, more has come meanwhile.
        await scene.OldAsync("""
            create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.05); return null; end';
            create trigger slow after update on timesheet_old for each statement execute function slow();
            """);
        using var enough = new CancellationTokenSource();
        var writers = Enumerable.Range(1, 4).Select(n => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                await scene.WriteAsync($"update timesheet_new set claimed_break_minutes = (claimed_break_minutes + 1) % 60 where id = {n}");
            }
        })).ToList();
        await act();
        await enough.CancelAsync();
        await Task.WhenAll(writers);
    }
}
