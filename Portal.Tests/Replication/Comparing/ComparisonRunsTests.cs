using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;

namespace Portal.Tests.Replication.Comparing;

public sealed class ComparisonRunsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_comparison_is_kept_with_its_result_and_who_asked_for_it()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await Differ(scene);

        var id = await Start(scene);
        (await scene.Get<ComparisonRunner>().Work(id, null, Cancel)).ShouldBeTrue();

        var run = await Run(scene, id);
        (run.State, run.Account, run.Compared, run.Missing, run.Extra, run.Different, run.Done)
            .ShouldBe((ComparisonState.Finished, "Ada Admin", 13, 1, 1, 1, 1));
        run.FinishedAt.ShouldNotBeNull().ShouldBeGreaterThan(run.StartedAt);
        run.Expected.ShouldBe(12);
        (await Found(scene, id)).Select(d => (d.Key, d.Kind)).ShouldBe([(3, Difference.Missing), (7, Difference.Different), (900, Difference.Extra)]);
        (await Found(scene, id, new(Kind: Difference.Extra))).ShouldHaveSingleItem().Key.ShouldBe(900);
        (await Found(scene, id, new(After: 3))).Select(d => d.Key).ShouldBe([7, 900]);
        (await Found(scene, id, new(Before: 900))).Select(d => d.Key).ShouldBe([3, 7]);
        (await Found(scene, id, new(Cause: DifferenceCause.Queued))).ShouldBeEmpty();
        var last = (await scene.Get<ComparisonRuns>().Differences(ReplicationScene.Admin, id, new(Before: 900), size: 1, Cancel)).Value.ShouldNotBeNull();
        (last.Rows.Single().Key, last.HasEarlier, last.HasLater).ShouldBe((7, true, true));
        (await scene.NewAsync<string>("select account || ': ' || action from replication.audit")).ShouldBe("Ada Admin: comparison started");
    }

    [Fact]
    public async Task One_that_was_cut_off_goes_on_where_it_was_in_another_portal()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await Differ(scene);
        var id = await Start(scene);
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var runner = Small(scene);
        await Should.ThrowAsync<OperationCanceledException>(() => runner.Work(id, _ => killed.Cancel(), killed.Token));
        var half = await Run(scene, id);
        (half.State, half.NextKey, half.Done is > 0 and < 1).ShouldBe((ComparisonState.Running, 4, true));
        // As if the first portal had got some way into the second step.
        await scene.NewAsync($"insert into replication.comparison_difference (comparison, key, kind, cause, cells) values ({id}, 5, 'missing', 'unknown', '{{}}')");

        (await scene.Get<ComparisonRunner>().Work(id, null, Cancel)).ShouldBeTrue();

        var run = await Run(scene, id);
        (run.State, run.Compared, run.Differences).ShouldBe((ComparisonState.Finished, 13, 3));
        (await Found(scene, id)).Select(d => d.Key).ShouldBe([3, 7, 900]);
    }

    [Fact]
    public async Task A_paused_one_waits_and_a_stopped_one_is_over()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var id = await Start(scene);
        var runs = scene.Get<ComparisonRuns>();

        await Small(scene).Work(id, _ => runs.Switch(ReplicationScene.Admin, id, ComparisonState.Paused, Cancel).GetAwaiter().GetResult(), Cancel);
        var paused = await Run(scene, id);
        await Small(scene).Work(id, null, Cancel);
        (await Run(scene, id)).ShouldBe(paused);
        await runs.Switch(ReplicationScene.Admin, id, ComparisonState.Running, Cancel);
        await Small(scene).Work(id, null, Cancel);
        var other = await Start(scene);
        await runs.Switch(ReplicationScene.Admin, other, ComparisonState.Stopped, Cancel);
        await Small(scene).Work(other, null, Cancel);

        (paused.State, paused.FinishedAt).ShouldBe((ComparisonState.Paused, null));
        paused.Compared.ShouldBeInRange(1, 11);
        (await Run(scene, id)).State.ShouldBe(ComparisonState.Finished);
        (await Run(scene, id)).Compared.ShouldBe(12);
        (await Run(scene, other)).State.ShouldBe(ComparisonState.Stopped);
        (await runs.Switch(ReplicationScene.Admin, other, ComparisonState.Running, Cancel)).Value?.State.ShouldBe(ComparisonState.Stopped);
    }

    [Fact]
    public async Task Two_admins_who_press_the_button_share_one_and_two_portals_work_on_it_once()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var ids = await Task.WhenAll(Start(scene), Start(scene), Start(scene));
        ids.Distinct().ShouldHaveSingleItem();
        await using var elsewhere = await WorkLock.TryTake(scene.Databases.New, "replication.comparison", ids[0], Cancel);

        elsewhere.ShouldNotBeNull();
        (await scene.Get<ComparisonRunner>().Work(ids[0], null, Cancel)).ShouldBeFalse();
        (await Run(scene, ids[0])).Compared.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_due_begins_once_whoever_looks()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var schedules = scene.Get<ComparisonSchedules>();
        var set = await schedules.Set(ReplicationScene.Admin, "0 3 * * *", true, 0.25, null, Cancel);
        await schedules.BeginDue(Cancel);
        (await scene.Get<ComparisonStore>().List(10, Cancel)).ShouldBeEmpty();

        await scene.NewAsync("update replication.comparison_schedule set due_after = now() - interval '2 days'");
        await Task.WhenAll(schedules.BeginDue(Cancel), schedules.BeginDue(Cancel));
        await schedules.BeginDue(Cancel);

        var run = (await scene.Get<ComparisonStore>().List(10, Cancel)).ShouldHaveSingleItem();
        (run.Origin, run.Account, run.Load.MaxShare).ShouldBe((ComparisonOrigin.Schedule, "Ada Admin", 0.25));
        set.Value?.Schedule?.Next?.ToDateTimeUtc().TimeOfDay.ShouldBe(TimeSpan.FromHours(3));
        ComparisonSchedules.IsValid("every night").ShouldBeFalse();
    }

    [Theory]
    [InlineData(ComparisonState.Running, 1)]
    [InlineData(ComparisonState.Stopped, 2)]
    public async Task What_is_due_while_one_is_paused_waits_for_it_and_does_not_pass(ComparisonState then, int runs)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var schedules = scene.Get<ComparisonSchedules>();
        await schedules.Set(ReplicationScene.Admin, "0 3 * * *", true, 0.25, null, Cancel);
        await scene.NewAsync("update replication.comparison_schedule set due_after = now() - interval '2 days'");
        var id = await Start(scene);
        await scene.Get<ComparisonRuns>().Switch(ReplicationScene.Admin, id, ComparisonState.Paused, Cancel);

        await schedules.BeginDue(Cancel);
        (await DueAsync(scene)).ShouldBeTrue();
        await scene.Get<ComparisonRuns>().Switch(ReplicationScene.Admin, id, then, Cancel);
        await schedules.BeginDue(Cancel);

        (await DueAsync(scene)).ShouldBeFalse();
        (await scene.Get<ComparisonStore>().List(10, Cancel)).Count.ShouldBe(runs);
    }

    [Fact]
    public async Task A_schedule_that_somebody_has_changed_since_it_was_shown_is_left_as_it_is()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var schedules = scene.Get<ComparisonSchedules>();
        var first = (await schedules.Set(ReplicationScene.Admin, "0 3 * * *", true, 0.2, null, Cancel)).Value.ShouldNotBeNull().Schedule;

        (await schedules.Set(ReplicationScene.Admin, "0 4 * * *", true, 0.2, null, Cancel)).Trouble.ShouldNotBeNull()
            .Summary.ShouldBe("Meanwhile Ada Admin has set it to 0 3 * * *, on.");
        var second = (await schedules.Set(ReplicationScene.Admin, "0 5 * * *", false, 0.2, first, Cancel)).Value.ShouldNotBeNull().Schedule.ShouldNotBeNull();
        (await schedules.Set(ReplicationScene.Admin, "0 6 * * *", true, 0.2, first, Cancel)).Trouble.ShouldNotBeNull();

        (second.Cron, second.Enabled).ShouldBe(("0 5 * * *", false));
        (await scene.NewAsync<string>("select cron from replication.comparison_schedule")).ShouldBe("0 5 * * *");
    }

    private static Task<bool> DueAsync(ReplicationScene scene) =>
        scene.NewAsync<bool>("select due_after < now() - interval '1 day' from replication.comparison_schedule");

    [Fact]
    public async Task Only_an_admin_may()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var runs = scene.Get<ComparisonRuns>();

        (await runs.Start(ReplicationScene.Worker, ComparisonLoad.Full, Cancel)).Trouble?.Kind.ShouldBe(TroubleKind.NotAllowed);
        (await runs.List(ReplicationScene.Worker, cancel: Cancel)).Trouble?.Kind.ShouldBe(TroubleKind.NotAllowed);
        (await scene.Get<Repairs>().Start(null, new(Keys: [1]), "why", cancel: Cancel)).Trouble?.Kind.ShouldBe(TroubleKind.NotAllowed);
        (await scene.Get<ComparisonStore>().List(10, Cancel)).ShouldBeEmpty();
    }

    // As if nobody knew who it was: a repair leaves alone what the guard has seen others write.
    internal static Task Differ(ReplicationScene scene) => scene.OldAsync("""
        delete from timesheet_old where id = 3;
        insert into timesheet_old (id, worker_id, hospital_id, status, is_approved) values (900, 33, 15, 'draft', false);
        update timesheet_old set status = 'draft', is_approved = false where id = 7;
        truncate portal_replication.other_write;
        """);

    internal static async Task<long> Start(ReplicationScene scene) =>
        (await scene.Get<ComparisonRuns>().Start(ReplicationScene.Admin, ComparisonLoad.Full, Cancel)).Value.ShouldNotBeNull().Id;

    internal static async Task<ComparisonRun> Run(ReplicationScene scene, long id) =>
        (await scene.Get<ComparisonRuns>().Read(ReplicationScene.Admin, id, Cancel)).Value.ShouldNotBeNull();

    private static ComparisonRunner Small(ReplicationScene scene)
    {
        var runner = scene.Get<ComparisonRunner>();
        runner.Size = new(1, 2);
        return runner;
    }

    private static async Task<IReadOnlyList<FoundDifference>> Found(ReplicationScene scene, long id, DifferenceFilter? filter = null) =>
        (await scene.Get<ComparisonRuns>().Differences(ReplicationScene.Admin, id, filter ?? new(), cancel: Cancel)).Value.ShouldNotBeNull().Rows;
}
