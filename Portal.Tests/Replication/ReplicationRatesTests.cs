using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Portal.Data.Databases;
using Portal.Data.Replication;

namespace Portal.Tests.Replication;

public sealed class ReplicationRatesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rates_are_what_both_databases_counted_meanwhile()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var time = new Clock();
        await using var old = DatabaseServices.DataSource(scene.Configuration["ConnectionStrings:Old"]);
        var rates = new ReplicationRates(scene.Databases.New, old, time, NullLogger<ReplicationRates>.Instance);
        var before = await rates.CountAsync(askOld: true, Cancel);

        var reading = rates.Read(ReplicationScene.Admin, Cancel);
        await time.IsWaitedFor;
        // Two statements, of two rows and of one.
        await WriteAsync(scene, "update timesheet_new set status = 'draft' where id in (1, 2)", "update timesheet_new set status = 'submitted' where id = 3");
        while (await rates.CountAsync(askOld: true, Cancel) is var now && (now.Changed - before.Changed < 3 || now.Written - before.Written < 3))
        {
            await Task.Delay(20, Cancel);
        }

        time.Advance(TimeSpan.FromSeconds(2));
        var answer = (await reading).Value.ShouldNotBeNull();

        answer.Over.TotalSeconds.ShouldBe(2);
        (answer.Changed, answer.Written).ShouldBe((1.5, 1.5));
    }

    [Fact]
    public async Task With_the_old_database_away_only_the_new_one_is_counted()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await using var old = DatabaseServices.DataSource(scene.Configuration["ConnectionStrings:Old"]);
        scene.Link.Stop();

        var rates = await new ReplicationRates(scene.Databases.New, old, TimeProvider.System, NullLogger<ReplicationRates>.Instance)
            .Read(ReplicationScene.Admin, Cancel);

        rates.Value.ShouldNotBeNull().Written.ShouldBeNull();
    }

    [Fact]
    public async Task They_are_for_admins_only()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var rates = new ReplicationRates(scene.Databases.New, scene.Databases.Old, TimeProvider.System, NullLogger<ReplicationRates>.Instance);

        (await rates.Read(ReplicationScene.Worker, Cancel)).Trouble.ShouldBe(Trouble.NotAllowed);
    }

    private sealed class Clock : FakeTimeProvider
    {
        private readonly TaskCompletionSource asked = new();

        /// <summary>Ends when somebody lets time pass, which is after the first count.</summary>
        public Task IsWaitedFor => asked.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            asked.TrySetResult();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    // On a session of its own, whose end makes both servers count at once what they have not yet.
    private static async Task WriteAsync(ReplicationScene scene, params string[] statements)
    {
        await using var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(scene.Databases.Settings.Portal.New) { Pooling = false }.ConnectionString);
        await session.OpenAsync(Cancel);
        foreach (var sql in statements)
        {
            await using var command = new NpgsqlCommand(sql, session);
            await command.ExecuteNonQueryAsync(Cancel);
        }
    }
}
