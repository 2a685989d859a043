using NodaTime;
using Portal.Data.Replication.Backfill;
using Portal.Tests.Support;
using Portal.Web.Replication;

namespace Portal.Tests.Replication;

[EveryPostgres]
public sealed class BackfillTests
{
    [Fact]
    public async Task All_rows_are_taken_over_just_as_they_were()
    {
        await using var scene = await BackfillScene.CreateAsync();

        await scene.RoundAsync();

        var report = await scene.ReadAsync();
        report.ShouldSatisfyAllConditions(
            () => report.RowsRead.ShouldBe(12),
            () => report.RowsWritten.ShouldBe(12),
            () => report.Groups.ShouldBeEmpty(),
            () => report.AddsUp.ShouldBeTrue());
        (await scene.DifferencesAsync()).ShouldBe(0);
        // Six at each hospital, all at one rate: two options for twelve shifts.
        (await scene.Scene.NewAsync<long>("select count(*) from timesheet_options")).ShouldBe(2);
        (await scene.Scene.NewAsync<long>("select count(*) from payment")).ShouldBe(3);
    }

    [Fact]
    public async Task An_empty_new_database_never_empties_a_full_old_one()
    {
        await using var scene = await BackfillScene.CreateAsync();

        (await scene.Scene.Outbox.VerifyAsync(1000, TestContext.Current.CancellationToken)).ShouldBeNull();
        await scene.Scene.Switch.Drain(ReplicationScene.Admin, cancel: TestContext.Current.CancellationToken);

        (await scene.Scene.OldAsync<long>("select count(*) from timesheet_old")).ShouldBe(12);
        (await scene.ReadAsync()).OldIsRight.ShouldBeTrue();
    }

    [Fact]
    public async Task Nothing_goes_back_to_where_it_came_from()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync("alter table timesheet_old add constraint nobody_writes check (false) not valid");

        await scene.RoundAsync();

        (await scene.Scene.NewAsync<long>("select count(*) from replication.outbox")).ShouldBe(0);
        (await scene.Scene.NewAsync<long>("select count(*) from replication.set_aside")).ShouldBe(0);
        (await scene.ReadAsync()).NewRows.ShouldBe(12);
    }

    [Fact]
    public async Task It_catches_up_with_what_the_old_system_writes_meanwhile()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.RoundAsync();
        await scene.Scene.OldAsync("""
            delete from timesheet_old where id in (1, 7);
            update timesheet_old set status = 'rejected', is_approved = false, is_paid = false where id = 2;
            update timesheet_old set worker_id = 33, worker_name = 'Amara Okafor' where id = 11;
            insert into timesheet_old select 20, worker_id, hospital_id, status, is_approved, worker_name, hospital_name, shift_date + 100,
                   start_time, end_time, break_minutes, hours_worked, amount_due, is_paid from timesheet_old where id = 4;
            """);

        await scene.RoundAsync();

        var report = await scene.ReadAsync();
        report.RowsRemoved.ShouldBe(2);
        report.RowsWritten.ShouldBe(3);
        report.AddsUp.ShouldBeTrue();
        (await scene.DifferencesAsync()).ShouldBe(0);
        report.CaughtUp.ShouldBeFalse();
        await scene.RoundAsync();
        (await scene.ReadAsync()).CaughtUp.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_changes_the_load_neither_starts_nor_stops_it()
    {
        await using var scene = await BackfillScene.CreateAsync();

        (await scene.Service.Run(ReplicationScene.Admin, run: null, share: 0.5m)).Value.ShouldNotBeNull().Running.ShouldBeFalse();
        await scene.Service.Run(ReplicationScene.Admin, run: true);
        var running = (await scene.Service.Run(ReplicationScene.Admin, run: null, share: 0.25m)).Value.ShouldNotBeNull();

        (running.Running, running.Share).ShouldBe((true, 0.25m));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Taking_all_over_at_once_leaves_it_running_if_it_was(bool ran)
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Service.Run(ReplicationScene.Admin, run: ran, share: 0.9m);

        var last = (await scene.Service.Complete(ReplicationScene.Admin, 1, dryRun: false, _ => { })).Value.ShouldNotBeNull();

        (last.ChangedLast, last.Share).ShouldBe((0, 1m));
        var after = await scene.ReadAsync();
        (after.Running, after.Share).ShouldBe((ran, 0.9m));
    }

    [Fact]
    public async Task If_somebody_stops_it_that_is_said_also_when_an_earlier_round_had_found_nothing()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Service.Complete(ReplicationScene.Admin, null, dryRun: false, _ => { });
        await scene.Scene.OldAsync("insert into timesheet_old select (jsonb_populate_record(t, jsonb_build_object('id', 1000 + n, 'shift_date', shift_date + n))).* from timesheet_old t, generate_series(1, 15000) n where id = 1");

        var stopped = await scene.Service.Complete(ReplicationScene.Admin, null, dryRun: false,
            _ => scene.Service.Run(ReplicationScene.Admin, run: false).GetAwaiter().GetResult());

        stopped.Trouble.ShouldNotBeNull().Summary.ShouldBe("The backfill was stopped before it had caught up.");
    }

    [Fact]
    public async Task Whoever_breaks_it_off_leaves_it_stopped()
    {
        await using var scene = await BackfillScene.CreateAsync();
        using var broken = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(() =>
            scene.Service.Complete(ReplicationScene.Admin, null, dryRun: false, _ => broken.Cancel(), broken.Token));

        (await scene.ReadAsync()).Running.ShouldBeFalse();
    }

    [Fact]
    public async Task A_look_at_what_would_come_of_it_moves_no_sequence()
    {
        await using var scene = await BackfillScene.CreateAsync();
        const string Next = "select last_value from timesheet_new_id_seq";
        var before = await scene.Scene.NewAsync<long>(Next);

        (await scene.Service.Complete(ReplicationScene.Admin, null, dryRun: true, _ => { })).Trouble.ShouldBeNull();

        (await scene.Scene.NewAsync<long>(Next)).ShouldBe(before);
        await scene.RoundAsync();
        (await scene.Scene.NewAsync<long>(Next)).ShouldBeGreaterThan(before);
    }

    [Fact]
    public async Task Trouble_that_comes_only_after_a_change_says_so()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Service.Run(ReplicationScene.Admin, run: true);
        scene.Scene.Link.Stop();

        var trouble = (await scene.Service.Run(ReplicationScene.Admin, run: false)).Trouble.ShouldNotBeNull();

        trouble.Done.ShouldNotBeNull();
        ReplicationWords.Failed(trouble).ShouldStartWith("It was done");
        (await scene.Scene.NewAsync<string>("select state from replication.backfill")).ShouldBe("stopped");
    }

    [Fact]
    public async Task It_ends_at_any_step_and_goes_on_from_there()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Service.Run(ReplicationScene.Admin, run: true);
        await scene.Scene.NewAsync<bool>("select worked from replication.backfill_step(5)");

        await scene.Service.Run(ReplicationScene.Admin, run: false);
        (await scene.Scene.NewAsync<bool>("select worked from replication.backfill_step(5)")).ShouldBeFalse();
        var stopped = await scene.ReadAsync();
        await scene.RoundAsync();

        stopped.RowsRead.ShouldBe(5);
        stopped.Done.ShouldBe(5 / 12.0);
        (await scene.ReadAsync()).RowsRead.ShouldBe(12);
        (await scene.DifferencesAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_step_reads_its_own_rows_of_the_old_table_and_none_beyond()
    {
        await using var scene = await BackfillScene.CreateAsync();
        // Whoever reads a row beyond the fifth divides by zero.
        await scene.Scene.OldAsync("""
            create view trapped as
            select id, worker_id, hospital_id, status, is_approved, worker_name, hospital_name, shift_date, start_time, end_time, break_minutes,
                   hours_worked / case when id > 5 then 0 else 1 end as hours_worked, amount_due, is_paid
              from timesheet_old;
            grant select on trapped to portal_replicator, portal_app;
            """);
        await scene.Scene.NewAsync("alter foreign table timesheet_old_schema.timesheet_old options (set table_name 'trapped')");
        await scene.Service.Run(ReplicationScene.Admin, run: true);

        // The plan of a session that has done several steps already.
        await scene.Scene.NewAsync("set plan_cache_mode = force_generic_plan; select replication.backfill_step(5)");

        (await scene.ReadAsync()).RowsRead.ShouldBe(5);
    }

    [Fact]
    public async Task New_timesheets_get_numbers_that_the_old_ones_do_not_have()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.RoundAsync();

        (await scene.Scene.NewAsync<long>("select nextval(pg_get_serial_sequence('public.timesheet_new', 'id'))")).ShouldBe(13);
    }

    [Fact]
    public async Task What_somebody_made_in_the_portal_is_left_alone()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.RoundAsync();
        await scene.Scene.NewAsync("""
            insert into timesheet_history (timesheet_id, account_name, action, to_status) values (1, 'Amara Okafor', 'submitted', 'submitted');
            update timesheet_new set claimed_break_minutes = 45 where id = 1;
            """);

        await scene.RoundAsync();

        (await scene.Scene.NewAsync<int>("select claimed_break_minutes from timesheet_new where id = 1")).ShouldBe(45);
        (await scene.ReadAsync()).Groups.Single().Reasons.ShouldBe(["changed_in_portal"]);
    }

    [Fact]
    public async Task Nobody_but_an_admin_may()
    {
        await using var scene = await BackfillScene.CreateAsync();

        (await scene.Service.Run(ReplicationScene.Worker, run: true)).Trouble.ShouldNotBeNull();
        (await scene.Service.Read(ReplicationScene.Worker)).Trouble.ShouldNotBeNull();
        (await scene.Quarantine.DecideAll(ReplicationScene.Worker, new(["overlap"], 1, 0, 0, 0, Instant.MaxValue), QuarantineDecision.Skip)).Trouble.ShouldNotBeNull();
    }
}
