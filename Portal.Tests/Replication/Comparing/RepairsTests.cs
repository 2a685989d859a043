using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;
using Portal.Tests.Support;
using Portal.Web.Replication;

namespace Portal.Tests.Replication.Comparing;

[EveryPostgres]
public sealed class RepairsTests
{
    private const string Guard = """
        create or replace function portal_replication.written_by_others(target text, keys bigint[])
        returns table (key bigint, at timestamptz, written_by text) language sql stable
        as $$ select 7::bigint, now(), 'somebody' where 7 = any (keys) $$
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_that_a_comparison_found_is_repaired_and_noted_with_who_and_why()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var comparison = await Compared(scene);

        var repair = await Make(scene, new(comparison));

        (repair.State, repair.Rows, repair.Count(RepairOutcome.Repaired), repair.IsComplete).ShouldBe((RepairState.Finished, 3, 3, true));
        (await Differences(scene)).ShouldBe(0);
        (await scene.NewAsync<string>("select string_agg(account || ', ' || action || ', ' || coalesce(after ->> 'why', after ->> 'repaired'), '; ' order by id) from replication.audit where action like 'repair%'"))
            .ShouldBe("Ada Admin, repair started, broken by hand; Ada Admin, repair finished, 3");
        (await scene.NewAsync<string>("select cells ->> 'status' from replication.repair_row where key = 7")).ShouldBe("""{"new": "approved", "old": "draft"}""");
    }

    [Fact]
    public async Task A_dry_run_shows_each_cell_and_writes_nothing()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var comparison = await Compared(scene);

        var preview = (await scene.Get<Repairs>().Preview(ReplicationScene.Admin, new(comparison), Cancel)).Value.ShouldNotBeNull();

        (preview.Total, preview.Looked).ShouldBe((3, 3));
        preview.Rows.Single(r => r.Key == 7).Cells.ShouldBe([new("status", "approved", "draft"), new("is_approved", "true", "false")]);
        preview.Rows.Single(r => r.Key == 3).Cells.Single(c => c.Column == "worker_name").ShouldBe(new("worker_name", "Dara O'Brien", null));
        preview.Rows.Single(r => r.Key == 900).Cells.Single(c => c.Column == "status").ShouldBe(new("status", null, "draft"));
        (await Differences(scene)).ShouldBe(3);
        (await scene.NewAsync<long>("select count(*) from replication.outbox")).ShouldBe(0);
    }

    [Fact]
    public async Task A_dry_run_goes_on_beyond_the_first_rows_if_these_are_right_by_now()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var comparison = await Compared(scene);
        await scene.NewAsync($"""
            insert into replication.comparison_difference
            select (jsonb_populate_record(d, jsonb_build_object('key', -n))).*
              from replication.comparison_difference d, generate_series(1, 2 * {Repairs.PreviewRows}) n where d.key = 3
            """);

        var preview = (await scene.Get<Repairs>().Preview(ReplicationScene.Admin, new(comparison), Cancel)).Value.ShouldNotBeNull();

        (preview.Total, preview.Looked, preview.Rows.Count).ShouldBe((1003, 1003, 3));
    }

    [Fact]
    public async Task A_dry_run_goes_on_beyond_rows_that_are_kept_but_not_for_ever()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("insert into timesheet_old select (jsonb_populate_record(t, jsonb_build_object('id', n))).* from timesheet_old t, generate_series(701, 3000) n where t.id = 1; delete from timesheet_old where id between 1901 and 2999; truncate portal_replication.other_write");
        await scene.OldAsync("update timesheet_old set status = 'rejected' where id = 701");
        var repairs = scene.Get<Repairs>();

        // The first is somebody else's, then come rows that are nowhere.
        var one = (await repairs.Preview(ReplicationScene.Admin, new(Keys: [701, .. Enumerable.Range(2001, 600).Select(n => (long)n), 3000]), Cancel)).Value.ShouldNotBeNull();
        await scene.OldAsync("update timesheet_old set status = 'rejected' where id > 700");
        var all = (await repairs.Preview(ReplicationScene.Admin, new(Keys: [.. Enumerable.Range(701, 1200).Select(n => (long)n)]), Cancel)).Value.ShouldNotBeNull();

        (one.Looked, one.Total, one.Writes(overwrite: false)).ShouldBe((602, 602, 1));
        (all.Looked, all.Total, all.Writes(overwrite: false)).ShouldBe((Repairs.PreviewRows, 1200, 0));
        ReplicationWords.Sentence(all).ShouldStartWith("Nothing of what was looked at would change. Looked at were the first 500 of 1,200 rows.");
    }

    [Fact]
    public async Task A_repair_that_is_made_here_has_failed_when_a_database_is_lost_and_says_why()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var comparison = await Compared(scene);
        scene.Link.Stop();

        (await scene.Get<Repairs>().Make(ReplicationScene.Admin, new(comparison), "broken by hand", overwrite: true, progress: null, Cancel)).Trouble.ShouldNotBeNull();

        (await scene.NewAsync<string>("select string_agg(state || ': ' || problem, ' ') from replication.repair")).ShouldStartWith("failed: The old database");
    }

    [Fact]
    public async Task Of_a_selection_only_that_is_repaired_and_what_is_equal_is_left_alone()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await Compared(scene);

        var repair = await Make(scene, new(Keys: [3, 4, 4]));

        (repair.Rows, repair.Count(RepairOutcome.Repaired), repair.Count(RepairOutcome.Same)).ShouldBe((2, 1, 1));
        (await Differences(scene)).ShouldBe(2);
    }

    [Fact]
    public async Task Of_a_selection_from_a_comparison_what_that_one_did_not_find_is_left_alone()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var comparison = await Compared(scene);
        await scene.OldAsync("delete from timesheet_old where id = 5; truncate portal_replication.other_write");

        var preview = (await scene.Get<Repairs>().Preview(ReplicationScene.Admin, new(comparison, Keys: [3, 5]), Cancel)).Value.ShouldNotBeNull();
        var repair = await Make(scene, new(comparison, Keys: [3, 5]));

        (preview.Total, repair.Rows, repair.Count(RepairOutcome.Repaired)).ShouldBe((1, 1, 1));
        (await scene.OldAsync<long>("select count(*) from timesheet_old where id = 5")).ShouldBe(0);
    }

    [Fact]
    public async Task Of_one_kind_only_that_is_repaired()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var comparison = await Compared(scene);

        (await Make(scene, new(comparison, Kind: Difference.Extra))).Rows.ShouldBe(1);

        (await scene.OldAsync<long>("select count(*) from timesheet_old where id = 900")).ShouldBe(0);
        (await Differences(scene)).ShouldBe(2);
    }

    [Fact]
    public async Task A_row_that_somebody_else_wrote_is_overwritten_only_when_that_is_asked_for()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync(Guard);
        var comparison = await Compared(scene);

        var careful = await Make(scene, new(comparison));
        var between = await scene.OldAsync<string>("select status from timesheet_old where id = 7");
        var preview = (await scene.Get<Repairs>().Preview(ReplicationScene.Admin, new(comparison), Cancel)).Value.ShouldNotBeNull();
        var bold = await Make(scene, new(comparison), overwrite: true);

        (careful.Count(RepairOutcome.Repaired), careful.Count(RepairOutcome.Kept), careful.IsComplete).ShouldBe((2, 1, false));
        between.ShouldBe("draft");
        preview.WrittenByOthers.ShouldBe(1);
        (bold.Count(RepairOutcome.Repaired), bold.Count(RepairOutcome.Same)).ShouldBe((1, 2));
        (await Differences(scene)).ShouldBe(0);
    }

    [Fact]
    public async Task What_the_old_table_refuses_or_cannot_get_now_is_said_so()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old add check (id <> 3) not valid; delete from timesheet_old where id in (3, 4); truncate portal_replication.other_write");

        var refused = await Make(scene, new(Keys: [3]));
        await scene.NewAsync("select replication.set_mode('paused', 'Ada')");
        var waiting = await Make(scene, new(Keys: [4]));

        (refused.Count(RepairOutcome.Refused), waiting.Count(RepairOutcome.Waiting)).ShouldBe((1, 1));
        (await scene.NewAsync<long>("select count(*) from replication.outbox where 4 = any (keys)")).ShouldBe(1);
    }

    [Fact]
    public async Task In_queued_mode_it_is_delivered_all_the_same()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var comparison = await Compared(scene);
        await scene.NewAsync("select replication.set_mode('queued', 'Ada')");

        (await Make(scene, new(comparison))).IsComplete.ShouldBeTrue();

        (await Differences(scene)).ShouldBe(0);
    }

    [Fact]
    public async Task One_that_was_cut_off_goes_on_with_the_rows_that_are_left()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var comparison = await Compared(scene);
        var id = (await scene.Get<Repairs>().Start(ReplicationScene.Admin, new(comparison), "broken by hand", cancel: Cancel)).Value.ShouldNotBeNull().Id;
        await scene.NewAsync($"update replication.repair_row set outcome = 'repaired', done_at = now() where repair = {id} and key = 7");

        await scene.Get<RepairRunner>().Work(id, null, Cancel);

        // The one that was done is not done again.
        (await Differences(scene)).ShouldBe(1);
        (await scene.Get<RepairStore>().Read(id, Cancel)).ShouldNotBeNull().State.ShouldBe(RepairState.Finished);
    }

    [Fact]
    public async Task A_stopped_one_stays_stopped()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var comparison = await Compared(scene);
        var repairs = scene.Get<Repairs>();
        var id = (await repairs.Start(ReplicationScene.Admin, new(comparison), "broken by hand", cancel: Cancel)).Value.ShouldNotBeNull().Id;

        await repairs.Stop(ReplicationScene.Admin, id, Cancel);
        await scene.Get<RepairRunner>().Work(id, null, Cancel);

        (await Differences(scene)).ShouldBe(3);
        (await scene.Get<RepairStore>().Read(id, Cancel)).ShouldNotBeNull().Done.ShouldBe(0);
    }

    [Fact]
    public async Task What_was_not_taken_over_from_the_old_table_counts_as_no_difference_and_is_never_written()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("insert into replication.quarantine (mapping, key, reasons, old_row) values ('timesheet_old', 900, '{unknown_hospital}', '{}')");
        var comparison = await Compared(scene);

        var run = await ComparisonRunsTests.Run(scene, comparison);
        var preview = (await scene.Get<Repairs>().Preview(ReplicationScene.Admin, new(comparison), Cancel)).Value.ShouldNotBeNull();
        var repair = await Make(scene, new(comparison), overwrite: true);
        var named = await Make(scene, new(Keys: [900]), overwrite: true);

        (run.Missing, run.Extra, run.Different, run.LeftOut).ShouldBe((1, 0, 1, 1));
        (preview.Total, repair.Rows, repair.Count(RepairOutcome.Repaired)).ShouldBe((2, 2, 2));
        named.Count(RepairOutcome.Kept).ShouldBe(1);
        (await scene.OldAsync<long>("select count(*) from timesheet_old where id = 900")).ShouldBe(1);
        await scene.ShouldBeEqualAsync(12);
    }

    [Fact]
    public async Task While_the_old_database_is_the_right_one_nothing_is_repaired()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("update replication.control set authority = 'old'");

        var answer = await scene.Get<Repairs>().Start(ReplicationScene.Admin, new(Keys: [3]), "broken by hand", cancel: Cancel);

        answer.Trouble.ShouldNotBeNull().Summary.ShouldContain("still the one that is right");
        (await scene.NewAsync<long>("select count(*) from replication.repair")).ShouldBe(0);
    }

    private static async Task<long> Compared(ReplicationScene scene)
    {
        await ComparisonRunsTests.Differ(scene);
        var id = await ComparisonRunsTests.Start(scene);
        await scene.Get<ComparisonRunner>().Work(id, null, Cancel);
        return id;
    }

    private static async Task<Repair> Make(ReplicationScene scene, RepairScope scope, bool overwrite = false) =>
        (await scene.Get<Repairs>().Make(ReplicationScene.Admin, scope, "broken by hand", overwrite, null, Cancel)).Value.ShouldNotBeNull();

    private static async Task<long> Differences(ReplicationScene scene) =>
        (await scene.Comparison.Summarise(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull().Differences;
}
