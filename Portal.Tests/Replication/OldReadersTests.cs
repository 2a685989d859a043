using Portal.Data.Replication.Planning;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>The register of those who were seen connected to the old database.</summary>
[EveryPostgres]
public sealed class OldReadersTests
{
    [Fact]
    public async Task Whoever_is_connected_is_found_but_the_portal_and_the_replication()
    {
        await using var scene = await PlanScene.CreateAsync();
        await using var reports = await scene.Scene.LegacyAsync("reports");
        await using var portal = await scene.Scene.Databases.Old.OpenConnectionAsync(TestContext.Current.CancellationToken);

        await scene.LookAsync();
        await scene.LookAsync();

        var readers = (await scene.ReadAsync()).Readers;
        readers.Single(r => r.Role == "legacy").ShouldSatisfyAllConditions(
            r => r.Application.ShouldBe("reports"), r => r.Address.ShouldBe("127.0.0.1"), r => r.TimesSeen.ShouldBe(2), r => r.HasMoved.ShouldBeFalse());
        readers.ShouldAllBe(r => r.Role == "legacy" || r.Role == "postgres");
    }

    [Fact]
    public async Task A_reader_that_moved_on_and_is_seen_again_came_back()
    {
        await using var scene = await PlanScene.CreateAsync();
        await using (await scene.Scene.LegacyAsync("reports"))
        {
            await scene.LookAsync();
        }

        var reader = (await scene.ReadAsync()).Readers.Single(r => r.Role == "legacy");
        await scene.Plan.MarkReader(ReplicationScene.Admin, reader, true, "Asks the new service since Monday.", TestContext.Current.CancellationToken);
        (await ReaderAsync(scene)).ShouldSatisfyAllConditions(
            r => r.HasMoved.ShouldBeTrue(), r => r.MovedOnBy.ShouldBe("Ada Admin"), r => r.Note.ShouldBe("Asks the new service since Monday."));

        await using var again = await scene.Scene.LegacyAsync("reports");
        await scene.LookAsync();

        (await ReaderAsync(scene)).ShouldSatisfyAllConditions(r => r.CameBack.ShouldBeTrue(), r => r.HasMoved.ShouldBeFalse());
        (await scene.Scene.NewAsync<string>("select subject from replication.audit where action = 'reader moved on'")).ShouldBe("reports, legacy, 127.0.0.1");
    }

    [Fact]
    public async Task Of_several_portals_one_looks()
    {
        await using var scene = await PlanScene.CreateAsync();
        await scene.LookAsync();

        (await scene.Watch.SampleAsync(TestContext.Current.CancellationToken)).ShouldBeFalse();
    }

    [Fact]
    public async Task Reads_of_the_old_tables_are_counted_by_the_hour_and_a_reset_of_the_statistics_is_a_fresh_start()
    {
        await using var scene = await PlanScene.CreateAsync();
        await NoteAsync(scene, 100, 1000);
        (await scene.ReadAsync()).Scans.ShouldBeEmpty();

        await NoteAsync(scene, 107, 1070);
        await NoteAsync(scene, 2, 20);

        var scans = (await scene.ReadAsync()).Scans;
        (scans.Sum(s => s.Scans), scans.Sum(s => s.RowsRead)).ShouldBe((9, 90));
    }

    [Fact]
    public async Task After_a_gap_nobody_was_seen_begins_anew()
    {
        await using var scene = await PlanScene.CreateAsync();
        await scene.LookAsync();
        await scene.LongAgoAsync();
        await scene.LookAsync();
        var report = await scene.ReadAsync();
        (report.Now - report.WatchedSince.ShouldNotBeNull()).TotalDays.ShouldBeGreaterThan(29);

        await scene.Scene.NewAsync("update replication.plan_watch set sampled_at = sampled_at - interval '6 minutes'");
        await scene.LookAsync();

        report = await scene.ReadAsync();
        (report.Now - report.WatchedSince.ShouldNotBeNull()).TotalHours.ShouldBeLessThan(1);
    }

    [Fact]
    public async Task A_refused_write_is_found_by_the_next_look()
    {
        await using var scene = await PlanScene.CreateAsync();
        await scene.LookAsync();
        await scene.Scene.OldAsync("select portal_replication.set_guard('refuse', 'Ada Admin')");
        await Should.ThrowAsync<Npgsql.PostgresException>(() => scene.Scene.OldAsync("delete from timesheet_old"));

        await scene.LookAsync();

        (await scene.Scene.NewAsync<bool>("select refused = 1 and refused_at is not null from replication.plan_watch")).ShouldBeTrue();
    }

    [Fact]
    public async Task An_old_database_that_is_away_leaves_a_gap_and_nothing_else()
    {
        await using var scene = await PlanScene.CreateAsync();
        var away = new OldGuard(Npgsql.NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Timeout=1"));
        using var watch = new ReaderWatch(
            scene.Scene.Databases.New, away, scene.Scene.Outbox, scene.Scene.Triggers, TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<ReaderWatch>.Instance);

        (await watch.SampleAsync(TestContext.Current.CancellationToken)).ShouldBeFalse();

        (await scene.ReadAsync()).SampledAt.ShouldBeNull();
    }

    private static async Task<OldReader> ReaderAsync(PlanScene scene) => (await scene.ReadAsync()).Readers.Single(r => r.Role == "legacy");

    private static Task NoteAsync(PlanScene scene, int scans, int rows) => scene.Scene.NewAsync(
        $$"""select replication.note_sample('[]', '[{"table_name": "public.timesheet_old", "scans": {{scans}}, "rows_read": {{rows}}}]', 0, true)""");
}
