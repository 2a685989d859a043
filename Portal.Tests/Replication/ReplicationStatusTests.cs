using System.Diagnostics;
using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Web.Replication;

namespace Portal.Tests.Replication;

public sealed class ReplicationStatusTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_is_well_when_it_is()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var report = await Report(scene);

        report.State.ShouldBe(ReplicationState.InStep);
        report.Old.Latency.ShouldNotBeNull();
        report.Outbox.OutboxKeys.ShouldBe(0);
        report.Newest.ShouldNotBeNull().Compared.ShouldBe(12);
    }

    [Fact]
    public async Task A_differing_row_is_out_of_step()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("delete from timesheet_old where id = 1");

        var report = await Report(scene);

        report.State.ShouldBe(ReplicationState.OutOfStep);
        report.Newest.ShouldNotBeNull().Missing.ShouldBe(1);
    }

    [Fact]
    public async Task A_disabled_trigger_is_a_risk_before_any_row_differs()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("alter table timesheet_new disable trigger capture_update_timesheet_old");

        (await Report(scene)).State.ShouldBe(ReplicationState.AtRisk);
    }

    [Fact]
    public async Task Rows_that_differ_because_changes_wait_are_catching_up()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("select replication.set_mode('queued', 'test'); update timesheet_new set status = 'draft' where id in (1, 2)");

        var report = await Report(scene);

        report.State.ShouldBe(ReplicationState.CatchingUp);
        report.Outbox.OutboxKeys.ShouldBe(2);
        report.Outbox.OldestAge.ShouldNotBeNull();
        report.Newest.ShouldNotBeNull().Different.ShouldBe(2);
    }

    [Fact]
    public async Task Waiting_changes_do_not_hide_that_a_trigger_lets_some_through()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("""
            select replication.set_mode('queued', 'test');
            alter table timesheet_new disable trigger capture_delete_timesheet_old;
            delete from timesheet_new where id = 1;
            update timesheet_new set status = 'draft' where id = 2;
            """);

        (await Report(scene)).State.ShouldBe(ReplicationState.OutOfStep);
    }

    [Fact]
    public async Task A_stopped_old_server_is_unknown_within_three_seconds_and_the_last_comparison_stays()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await Report(scene);
        scene.Link.Stop();

        var start = Stopwatch.GetTimestamp();
        var report = await Report(scene);

        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(3));
        report.State.ShouldBe(ReplicationState.Unknown);
        report.Old.Trouble.ShouldNotBeNull().Summary.ShouldBe("The old database cannot be reached.");
        report.Newest.ShouldNotBeNull().Compared.ShouldBe(12);
    }

    [Fact]
    public async Task Until_the_first_comparison_is_made_what_the_last_check_found_is_said()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("update replication.verification set finished_at = now(), found_last = 3");

        var report = (await scene.Status.Read(ReplicationScene.Admin, Freshness.Known, Cancel)).Value.ShouldNotBeNull();

        ReplicationWords.Sentence(report).ShouldEndWith("When they were last checked one by one, 3 rows differed.");
        Tones.Of(report).ShouldBe(Tone.Warning);
    }

    [Fact]
    public async Task A_comparison_that_somebody_has_run_since_is_what_counts()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        (await Report(scene)).State.ShouldBe(ReplicationState.InStep);
        await scene.NewAsync("""
            insert into replication.comparison (mapping, account, origin, state, started_at, finished_at, compared, missing)
            values ('timesheet_old', 'Ada', 'asked', 'finished', clock_timestamp(), clock_timestamp() + interval '1 ms', 12, 5)
            """);

        var report = await Report(scene);

        (report.State, report.Newest.ShouldNotBeNull().Missing).ShouldBe((ReplicationState.OutOfStep, 5));
        (await scene.Status.Read(ReplicationScene.Admin, Freshness.Now, Cancel)).Value?.State.ShouldBe(ReplicationState.InStep);
        (await Report(scene)).State.ShouldBe(ReplicationState.InStep);
    }

    [Fact]
    public async Task A_comparison_that_rested_for_a_day_is_as_old_as_any_other()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await Report(scene);
        await scene.NewAsync("""
            insert into replication.comparison (mapping, account, origin, state, started_at, finished_at, compared, worked_ms)
            values ('timesheet_old', 'Ada', 'asked', 'finished', clock_timestamp(), clock_timestamp() + interval '1 day', 12, 5000)
            """);

        (await Report(scene)).Newest.ShouldNotBeNull().Took.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task After_a_repair_the_rows_are_compared_anew_however_recent_the_last_comparison_is()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("delete from timesheet_old where id = 1");
        (await Report(scene)).State.ShouldBe(ReplicationState.OutOfStep);
        await scene.OldAsync("delete from timesheet_old where id = 2");
        (await Report(scene)).Newest.ShouldNotBeNull().Missing.ShouldBe(1);

        await scene.NewAsync("""
            insert into replication.outbox (mapping, keys) values ('timesheet_old', '{1, 2}');
            insert into replication.repair (mapping, account, why, state, finished_at) values ('timesheet_old', 'Ada', 'test', 'finished', clock_timestamp());
            """);

        (await Report(scene)).State.ShouldBe(ReplicationState.InStep);
    }

    [Fact]
    public async Task A_comparison_goes_on_when_who_asked_for_it_leaves()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        using var leaving = new CancellationTokenSource();
        await using var holder = await scene.Databases.OwnerOfNew.OpenConnectionAsync(Cancel);
        await using var held = await holder.BeginTransactionAsync(Cancel);
        await using (var hold = new Npgsql.NpgsqlCommand("lock table timesheet_new in access exclusive mode", holder, held))
        {
            await hold.ExecuteNonQueryAsync(Cancel);
        }

        var asking = scene.Comparison.Summarise(ReplicationScene.Admin, leaving.Token);
        await RunningWorker.Until(async () => await scene.NewAsync<bool>("select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())"));
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(asking);
        await held.RollbackAsync(Cancel);

        await RunningWorker.Until(async () => (await scene.Status.Read(ReplicationScene.Admin, Freshness.Known, Cancel)).Value?.Newest?.Compared == 12);
    }

    [Fact]
    public async Task A_recent_comparison_is_not_repeated_unless_it_is_asked_for()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var first = (await Report(scene)).Newest;
        var again = (await Report(scene)).Newest;
        var asked = (await scene.Status.Read(ReplicationScene.Admin, Freshness.Now, Cancel)).Value?.Newest;

        again.ShouldBeSameAs(first);
        asked.ShouldNotBeNull().ShouldNotBeSameAs(first);
    }

    [Theory]
    [InlineData(AccountRole.Worker)]
    [InlineData(AccountRole.HospitalStaff)]
    [InlineData(null)]
    public async Task Everyone_but_an_admin_is_refused_everything(AccountRole? role)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var caller = role is { } known ? ReplicationScene.Worker with { Role = known } : null;

        Trouble?[] answers =
        [
            (await scene.Status.Read(caller, cancel: Cancel)).Trouble,
            (await scene.Servers.List(caller, Cancel)).Trouble,
            (await scene.Triggers.List(caller, Cancel)).Trouble,
            (await scene.Comparison.Summarise(caller, Cancel)).Trouble,
            (await scene.Switch.SetMode(caller, ReplicationMode.Paused, cancel: Cancel)).Trouble,
            (await scene.Switch.Drain(caller, cancel: Cancel)).Trouble,
            (await scene.Comparison.Page(caller, new RowFilter(), new PageKey(), cancel: Cancel)).Trouble,
        ];

        answers.ShouldAllBe(trouble => trouble == Trouble.NotAllowed);
        (await Report(scene)).Outbox.Mode.ShouldBe(ReplicationMode.Synchronous);
    }

    private static async Task<ReplicationReport> Report(ReplicationScene scene) =>
        (await scene.Status.Read(ReplicationScene.Admin, cancel: Cancel)).Value.ShouldNotBeNull();
}
