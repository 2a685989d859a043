using Npgsql;
using Portal.Data.Databases;
using Portal.Data.Replication;
using Portal.Data.Replication.Backfill;
using Portal.Data.Replication.Planning;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>The last step: nothing of the replication is left, and the portal goes on without it.</summary>
[EveryPostgres]
public sealed class RetireTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("timesheet_old")]
    public async Task It_takes_the_servers_name(string? typed)
    {
        await using var scene = await PlanScene.CreateAsync();
        await scene.ComeToAsync(PlanStepName.Retire);

        var outcome = await scene.TakeAsync(PlanStepName.Retire, "Nobody needs it.", typed);

        outcome.Done.ShouldBeFalse();
        outcome.Sentence.ShouldContain("type the name of the foreign server, timesheet_old_server");
        (await LeftAsync(scene)).ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task Nothing_is_left_of_the_replication_and_the_old_rows_stay()
    {
        await using var scene = await RetiredAsync();

        (await LeftAsync(scene)).ShouldBe(0);
        (await scene.Scene.NewAsync<long>("""
            select (select count(*) from pg_foreign_server) + (select count(*) from pg_user_mappings) + (select count(*) from pg_foreign_table)
                 + (select count(*) from pg_trigger where not tgisinternal and tgname not in ('append_only', 'prefill_claim_from_plan'))
                 + (select count(*) from replication.expected_trigger)
            """)).ShouldBe(0);
        (await scene.Scene.DeliveredAsync()).ShouldBe(12);
        (await scene.Scene.NewAsync<long>("select count(*) from replication.audit where action = 'retired' and jsonb_array_length(before -> 'trigger') = 18")).ShouldBe(1);
    }

    [Fact]
    public async Task Users_go_on_writing_and_nothing_is_kept_for_the_old_database()
    {
        await using var scene = await RetiredAsync();

        await scene.Scene.NewAsync("update timesheet_new set status = 'draft' where id = 1");

        (await scene.Scene.OldAsync<string>("select status from timesheet_old where id = 1")).ShouldBe("approved");
        (await scene.Scene.NewAsync<long>("select count(*) from replication.outbox")).ShouldBe(0);
    }

    [Theory]
    [InlineData("begin; update timesheet_new set status = 'draft' where id = 1", "in use by a long transaction")]
    [InlineData("create view mine as select id from timesheet_old_schema.timesheet_old", "depends on the foreign tables")]
    public async Task What_is_in_the_way_is_named_and_everything_stays(string inTheWay, string said)
    {
        await using var scene = await PlanScene.CreateAsync();
        await scene.ComeToAsync(PlanStepName.Retire);
        var before = await LeftAsync(scene);
        await using var other = await scene.Scene.Databases.SuperuserOfNew.OpenConnectionAsync(Cancel);
        await other.DoAsync(inTheWay);

        var answer = await scene.Plan.Take(ReplicationScene.Admin, PlanStepName.Retire, "Nobody needs it.", "timesheet_old_server", cancel: Cancel);

        answer.Trouble.ShouldNotBeNull().Summary.ShouldContain(said);
        (await scene.ReadAsync()).Retired.ShouldBeFalse();
        (await LeftAsync(scene)).ShouldBe(before);
    }

    [Fact]
    public async Task It_cannot_be_undone()
    {
        await using var scene = await RetiredAsync();

        (await scene.UndoAsync(PlanStepName.Retire)).ShouldSatisfyAllConditions(o => o.Done.ShouldBeFalse(), o => o.Sentence.ShouldStartWith("Retiring cannot be undone:"));
        (await scene.UndoAsync(PlanStepName.Freeze)).Done.ShouldBeFalse();
    }

    [Fact]
    public async Task A_migration_afterwards_brings_nothing_back_and_needs_no_old_database()
    {
        await using var scene = await RetiredAsync();
        var settings = scene.Scene.Databases.Settings;
        // As if the scripts that make triggers had changed since.
        await scene.Scene.NewAsync("delete from portal_migration.journal where scriptname like 'new/replication/%'");
        var nowhere = new NpgsqlConnectionStringBuilder(settings.Old) { Port = 1, Timeout = 1 }.ConnectionString;
        List<string> said = [];

        var scripts = await new Migration(settings with { Old = nowhere }, said.Add).ApplyAsync(Cancel);

        scripts.ShouldBeGreaterThan(10);
        said.ShouldContain("The old database was retired and is left alone.");
        (await LeftAsync(scene)).ShouldBe(0);
        (await new DatabaseCheck(settings.Portal with { Old = nowhere }).RunAsync(Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Scripts_that_run_afterwards_leave_no_trigger_even_before_the_migration_is_through()
    {
        await using var scene = await RetiredAsync();
        await scene.Scene.NewAsync("delete from portal_migration.journal where scriptname like 'new/replication/%'");

        await new ScriptRunner(scene.Scene.Databases.OwnerOfNew, Script.Of(DatabaseNames.New)).ApplyAsync(_ => { }, Cancel);

        (await scene.Scene.NewAsync<long>("select count(*) from replication.engine_triggers()")).ShouldBe(0);
        await scene.Scene.NewAsync("update timesheet_new set status = 'draft' where id = 1");
        (await scene.Scene.NewAsync<long>("select count(*) from replication.outbox")).ShouldBe(0);
    }

    [Fact]
    public async Task What_a_later_version_installs_is_taken_away_too()
    {
        await using var scene = await PlanScene.CreateAsync();
        await scene.Scene.NewAsync("""
            create function replication.flush_timesheet_old() returns trigger language plpgsql as 'begin return null; end';
            create constraint trigger flush_worker after update on worker deferrable initially deferred
                for each row execute function replication.flush_timesheet_old();
            create trigger mine after update on worker for each row execute function replication.flush_timesheet_old();
            create function public.business() returns trigger language plpgsql as 'begin return null; end';
            create trigger business after update on worker for each row execute function public.business();
            """);
        await scene.ComeToAsync(PlanStepName.Retire);

        (await scene.TakeAsync(PlanStepName.Retire, "Nobody needs it.", "timesheet_old_server")).Done.ShouldBeTrue();

        (await scene.Scene.NewAsync<string>("select string_agg(tgname, ',') from pg_trigger where tgrelid = 'worker'::regclass and not tgisinternal")).ShouldBe("business");
        (await scene.Scene.NewAsync<bool>("select to_regproc('replication.flush_timesheet_old') is null")).ShouldBeTrue();
    }

    [Fact]
    public async Task What_looks_at_the_replication_says_so_instead_of_failing()
    {
        await using var scene = await RetiredAsync();
        scene.Scene.Link.Stop();

        (await scene.Scene.Status.Read(ReplicationScene.Admin, Freshness.Now, Cancel)).Value.ShouldNotBeNull().State.ShouldBe(ReplicationState.Retired);
        (await scene.Scene.Servers.List(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull().Servers.ShouldBeEmpty();
        (await scene.Scene.Triggers.List(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull().Silent.ShouldBeEmpty();
        (await new BackfillService(scene.Scene.Databases.New, Microsoft.Extensions.Logging.Abstractions.NullLogger<BackfillService>.Instance)
            .Read(ReplicationScene.Admin, Cancel)).Trouble.ShouldNotBeNull().Summary.ShouldContain("retired");
        (await scene.Scene.NewAsync<long>("select count(*) from replication.alarm_causes(interval '0')")).ShouldBe(0);
        (await scene.Scene.Outbox.DrainAsync(100, Cancel)).ShouldBe(0);
        (await scene.Watch.SampleAsync(Cancel)).ShouldBeFalse();
    }

    [Fact]
    public async Task The_worker_does_not_ask_for_the_old_database_any_more()
    {
        await using var scene = await RetiredAsync();
        scene.Scene.Link.Stop();
        await using var worker = await RunningWorker.StartAsync(scene.Scene);

        await worker.LooksTwiceAsync();

        (await scene.Scene.NewAsync<string>("select breaker from replication.control")).ShouldBe("closed");
    }

    private static Task<long> LeftAsync(PlanScene scene) => scene.Scene.NewAsync<long>("select count(*) from replication.leftovers()");

    private static async Task<PlanScene> RetiredAsync()
    {
        var scene = await PlanScene.CreateAsync();
        await scene.ComeToAsync(PlanStepName.Retire);
        var outcome = await scene.TakeAsync(PlanStepName.Retire, "Nobody needs it.", "timesheet_old_server");
        outcome.Done.ShouldBeTrue(outcome.Sentence);
        outcome.Plan.Leftovers.ShouldBeEmpty();
        return scene;
    }
}
