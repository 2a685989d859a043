using Npgsql;
using Portal.Data.Replication.Planning;
using static Portal.Data.Replication.Planning.PlanStepName;

namespace Portal.Tests.Replication;

/// <summary>Steps are taken in their order, when their conditions hold or for a reason, and undone in the other one.</summary>
public sealed class PlanTests : IAsyncDisposable
{
    // Kept, or it would be closed in the middle of a test.
    private NpgsqlConnection? openTransaction;

    public async ValueTask DisposeAsync()
    {
        if (openTransaction is { } open)
        {
            await open.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_migration_whose_conditions_hold_comes_to_its_end_without_a_reason()
    {
        await using var scene = await PlanScene.CreateAsync();
        await scene.LookAsync();
        await scene.VerifyAsync();
        await scene.LookAsync();
        await scene.LongAgoAsync();

        foreach (var step in (PlanStepName[])[Prepare, Backfill, MoveWriters, MoveReaders, Freeze])
        {
            var outcome = await scene.TakeAsync(step);
            outcome.Done.ShouldBeTrue(outcome.Sentence);
            (await scene.StepAsync(step)).ShouldSatisfyAllConditions(s => s.TakenBy.ShouldBe("Ada Admin"), s => s.Why.ShouldBeNull(), s => s.Holds.ShouldBeTrue());
        }

        await scene.LongAgoAsync();
        var retired = await scene.TakeAsync(Retire, server: "timesheet_old_server");

        retired.Done.ShouldBeTrue(retired.Sentence);
        retired.Plan.Retired.ShouldBeTrue();
        (await scene.Scene.NewAsync<long>("select count(*) from replication.audit where action = 'plan step taken' and account = 'Ada Admin' and jsonb_array_length(after -> 'conditions') >= 3")).ShouldBe(6);
    }

    [Theory]
    [InlineData(Prepare, "trigger", "All triggers fire")]
    [InlineData(Prepare, "function", "All triggers fire")]
    [InlineData(Prepare, "unreachable", "The old database answers")]
    [InlineData(Prepare, "drift", "The old tables are as they were imported")]
    [InlineData(Prepare, "scripts", "All scripts")]
    [InlineData(Prepare, "guard", "The guard watches")]
    [InlineData(Prepare, "unguarded", "The guard watches")]
    [InlineData(Backfill, "quarantine", "Nothing waits in quarantine")]
    [InlineData(Backfill, "count", "The counts add up")]
    [InlineData(Backfill, "old", "All old rows are taken over")]
    [InlineData(MoveWriters, "written", "Nobody else has written")]
    [InlineData(MoveWriters, "writing", "Nobody else is in the middle")]
    [InlineData(MoveWriters, "waiting", "No change waits")]
    [InlineData(MoveWriters, "set aside", "No change waits")]
    [InlineData(MoveWriters, "different", "The last check of all rows")]
    [InlineData(MoveWriters, "old", "The backfill has been through")]
    [InlineData(MoveReaders, "reader", "Every reader that was seen has moved on")]
    [InlineData(MoveReaders, "back", "No reader was seen")]
    [InlineData(MoveReaders, "gap", "No reader was seen")]
    [InlineData(MoveReaders, "out of step", "Old and new have been in step")]
    [InlineData(Freeze, "written", "Nobody else has written")]
    [InlineData(Freeze, "back", "No reader was seen")]
    [InlineData(Freeze, "different", "The last check of all rows")]
    [InlineData(Retire, "recording", "The old database has been frozen")]
    [InlineData(Retire, "recording and refusing", "The old database has been frozen")]
    [InlineData(Retire, "refused", "The guard has refused no write")]
    [InlineData(Retire, "back", "No reader was seen")]
    [InlineData(Retire, "waiting", "No change waits")]
    public async Task A_step_whose_condition_does_not_hold_is_refused_unless_there_is_a_reason(PlanStepName step, string spoiled, string condition)
    {
        await using var scene = await PlanScene.CreateAsync();
        await scene.LookAsync();
        await scene.VerifyAsync();
        await scene.LookAsync();
        await scene.LongAgoAsync();
        await scene.ComeToAsync(step);
        await scene.LongAgoAsync();
        (await scene.StepAsync(step)).Conditions.Where(c => !c.Holds).ShouldBeEmpty();

        await SpoilAsync(scene, spoiled);

        (await scene.StepAsync(step)).Conditions.Single(c => c.Condition.StartsWith(condition, StringComparison.Ordinal)).Holds.ShouldBeFalse();
        var refused = await scene.TakeAsync(step, server: "timesheet_old_server");
        refused.Done.ShouldBeFalse();
        refused.Sentence.ShouldContain(condition[1..]);
        (await scene.StepAsync(step)).Taken.ShouldBeFalse();
        // A reason that was given before this one came up. The figure may tell of another second.
        (await scene.TakeAsync(step, "We know.", "timesheet_old_server", known: [])).Sentence.Split('(')[0].ShouldBe(refused.Sentence.Split('(')[0]);
        (await scene.StepAsync(step)).Taken.ShouldBeFalse();
        (await scene.TakeAsync(step, "We know.", "timesheet_old_server")).Done.ShouldBeTrue();
        (await scene.Scene.NewAsync<string>($"select reason from replication.audit where action = 'plan step taken' and subject = '{PlanRules.Word(step)}'"))
            .ShouldBe("We know.");
    }

    [Fact]
    public async Task No_step_comes_before_the_one_before_it()
    {
        await using var scene = await PlanScene.CreateAsync();

        var outcome = await scene.TakeAsync(MoveWriters, "We are in a hurry.");

        (outcome.Done, outcome.Sentence).ShouldBe((false, "“Prepare” comes first."));
    }

    [Fact]
    public async Task Of_two_admins_who_take_a_step_at_once_the_second_one_is_told()
    {
        await using var scene = await PlanScene.CreateAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => scene.TakeAsync(Prepare, "Both of us.")));

        outcomes.Count(o => o.Done).ShouldBe(1);
        outcomes.Where(o => !o.Done).ShouldAllBe(o => o.Sentence.StartsWith("Ada Admin has already taken “Prepare”, on "));
        (await scene.Scene.NewAsync<long>("select count(*) from replication.audit where action = 'plan step taken'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_reason_that_is_given_though_all_conditions_hold_is_noted_too()
    {
        await using var scene = await PlanScene.CreateAsync();
        await scene.ComeToAsync(Backfill);
        (await scene.StepAsync(Backfill)).Holds.ShouldBeTrue();

        (await scene.TakeAsync(Backfill, "Agreed on Monday.")).Done.ShouldBeTrue();

        (await scene.StepAsync(Backfill)).ShouldSatisfyAllConditions(s => s.Why.ShouldBe("Agreed on Monday."), s => s.Holds.ShouldBeTrue());
        (await scene.Scene.NewAsync<string>("select reason from replication.audit where action = 'plan step taken' and subject = 'backfill'")).ShouldBe("Agreed on Monday.");
    }

    [Fact]
    public async Task Moving_the_writers_makes_the_new_database_the_one_that_is_right_and_undoing_it_the_old_one()
    {
        await using var scene = await PlanScene.CreateAsync();
        await scene.Scene.NewAsync("select replication.set_authority('old', 'test', 'the beginning')");
        await scene.ComeToAsync(MoveReaders);
        (await scene.Scene.NewAsync<string>("select authority from replication.control")).ShouldBe("new");

        (await scene.UndoAsync(MoveWriters)).Done.ShouldBeTrue();

        (await scene.Scene.NewAsync<string>("select authority from replication.control")).ShouldBe("old");
        (await scene.StepAsync(MoveWriters)).Taken.ShouldBeFalse();
        (await scene.Scene.NewAsync<string>("select reason from replication.audit where action = 'plan step undone'")).ShouldBe("It was too early.");
    }

    [Fact]
    public async Task The_writers_do_not_move_back_while_changes_wait_that_would_be_missing_there()
    {
        await using var scene = await PlanScene.CreateAsync();
        await scene.ComeToAsync(MoveReaders);
        await scene.Scene.NewAsync("select replication.set_mode('queued', 'test'); update timesheet_new set status = 'draft' where id = 1;");

        var outcome = await scene.UndoAsync(MoveWriters);

        outcome.Done.ShouldBeFalse();
        outcome.Sentence.ShouldStartWith("Changes wait for the old database still");
        (await scene.Scene.NewAsync<string>("select authority from replication.control")).ShouldBe("new");
    }

    [Fact]
    public async Task Freezing_lets_the_guard_refuse_and_undoing_it_lets_writes_pass()
    {
        await using var scene = await PlanScene.CreateAsync();
        await scene.ComeToAsync(Retire);
        (await scene.Guard.ReadAsync(TestContext.Current.CancellationToken)).Refuses.ShouldBeTrue();

        (await scene.UndoAsync(Freeze)).Done.ShouldBeTrue();

        (await scene.Guard.ReadAsync(TestContext.Current.CancellationToken)).Refuses.ShouldBeFalse();
        (await scene.Scene.NewAsync<long>("select count(*) from replication.audit where action = 'guard'")).ShouldBe(2);
    }

    [Fact]
    public async Task A_step_is_undone_only_after_those_that_followed_it()
    {
        await using var scene = await PlanScene.CreateAsync();
        await scene.ComeToAsync(Freeze);

        (await scene.UndoAsync(Prepare)).Done.ShouldBeFalse();

        foreach (var step in (PlanStepName[])[MoveReaders, MoveWriters, Backfill, Prepare])
        {
            (await scene.UndoAsync(step)).Done.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_dry_run_tells_and_changes_nothing()
    {
        await using var scene = await PlanScene.CreateAsync();

        var outcome = (await scene.Plan.Take(ReplicationScene.Admin, Prepare, "Only looking.", dryRun: true, cancel: TestContext.Current.CancellationToken)).Value.ShouldNotBeNull();

        outcome.Done.ShouldBeTrue();
        (await scene.StepAsync(Prepare)).Taken.ShouldBeFalse();
    }

    [Fact]
    public async Task Only_an_admin_sees_the_plan()
    {
        await using var scene = await PlanScene.CreateAsync();

        (await scene.Plan.Read(ReplicationScene.Worker, TestContext.Current.CancellationToken)).Trouble.ShouldNotBeNull().Summary.ShouldBe("Only an admin may see the replication.");
    }

    // It goes back when the scene is disposed.
    private async Task OpenTransactionAsync(ReplicationScene scene)
    {
        openTransaction = await scene.LegacyAsync("payroll");
        await openTransaction.DoAsync("begin; update timesheet_old set hours_worked = 1 where id = 1");
    }

    private Task SpoilAsync(PlanScene scene, string how)
    {
        var (databases, reader) = (scene.Scene, "insert into replication.reader (application, role, address) values ('reports', 'bi', '10.0.0.7')");
        switch (how)
        {
            case "trigger": return databases.NewAsync("alter table timesheet_new disable trigger do_dreplicate_to_old_table");
            case "function": return databases.NewAsync("create or replace function replication.flush_many() returns boolean language plpgsql as 'begin return true; end'");
            case "unreachable": databases.Link.Stop(); return Task.CompletedTask;
            case "drift": return databases.OldAsync("alter table timesheet_old alter column status type varchar(40)");
            case "scripts": return databases.NewAsync("delete from portal_migration.journal where scriptname like 'new/replication/76%'");
            case "guard": return databases.OldAsync("alter table timesheet_old disable trigger portal_guard_before_insert");
            case "unguarded": return databases.OldAsync("delete from portal_replication.guarded_table");
            case "quarantine": return databases.NewAsync("insert into replication.quarantine (mapping, key, reasons, old_row) values ('timesheet_old', 900, '{overlap}', '{}')");
            case "count": return databases.OldAsync("delete from timesheet_old where id = 3");
            case "old": return databases.NewAsync("select replication.set_authority('old', 'test', 'the beginning')");
            case "written": return databases.OldAsync("update timesheet_old set hours_worked = 1 where id = 1");
            case "writing": return OpenTransactionAsync(databases);
            case "waiting": return databases.NewAsync("select replication.set_mode('paused', 'test'); insert into replication.outbox (mapping, keys) values ('timesheet_old', '{1}');");
            case "set aside": return databases.NewAsync("insert into replication.set_aside (mapping, key, code, message, next_attempt_at) values ('timesheet_old', 1, '23514', 'no', now())");
            case "different": return databases.NewAsync("update replication.verification set found_last = 1");
            case "reader": return databases.NewAsync(reader);
            case "back": return databases.NewAsync(reader + "; update replication.reader set moved_on_at = now() - interval '1 day';");
            case "gap": return databases.NewAsync("update replication.plan_watch set sampled_at = now() - interval '6 minutes'");
            case "out of step": return databases.NewAsync("update replication.plan_watch set in_step_since = null");
            case "recording and refusing": return databases.OldAsync("select portal_replication.set_guard('record', 'somebody'), portal_replication.set_guard('refuse', 'somebody')");
            case "recording": return databases.OldAsync("select portal_replication.set_guard('record', 'somebody')");
            case "refused": return databases.NewAsync("update replication.plan_watch set refused_at = now()");
            default: throw new ArgumentOutOfRangeException(nameof(how), how, null);
        }
    }
}
