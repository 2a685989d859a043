using Microsoft.Extensions.Logging.Abstractions;
using Portal.Data.Replication.Backfill;

namespace Portal.Tests.Replication;

/// <summary>An old database with twelve timesheets, and a new one that knows its hospitals and workers and nothing else.</summary>
internal sealed class BackfillScene : IAsyncDisposable
{
    private BackfillScene(ReplicationScene scene)
    {
        Scene = scene;
        Service = new BackfillService(scene.Databases.New, NullLogger<BackfillService>.Instance);
        Quarantine = new QuarantineService(scene.Databases.New, NullLogger<QuarantineService>.Instance);
    }

    public ReplicationScene Scene { get; }

    public BackfillService Service { get; }

    public QuarantineService Quarantine { get; }

    public static async Task<BackfillScene> CreateAsync()
    {
        var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("""
            update timesheet_new set status = 'draft' where id = 12;
            insert into payment (timesheet_id, amount, currency) select id, 172, 'GBP' from timesheet_new where id < 4;
            """);
        await EmptyAsync(scene);
        return new BackfillScene(scene);
    }

    /// <summary>Does what a portal does until a round is complete.</summary>
    /// <param name="rowsPerStep">Rows taken over in one transaction.</param>
    public async Task RoundAsync(int rowsPerStep = 5)
    {
        await Service.Run(ReplicationScene.Admin, run: true);
        while (await Scene.NewAsync<bool>($"select worked and not finished from replication.backfill_step({rowsPerStep})"))
        {
        }
    }

    public async Task<BackfillReport> ReadAsync() => (await Service.Read(ReplicationScene.Admin)).Value.ShouldNotBeNull();

    /// <summary>The quarantine's rows with a reason, as a page would show them.</summary>
    public async Task<QuarantineGroup> GroupAsync(string reason) => (await ReadAsync()).Groups.Single(g => g.Reasons is [var one] && one == reason);

    /// <summary>Decides for all rows with a reason and takes them over.</summary>
    public async Task DecideAsync(string reason, QuarantineDecision decision, Dictionary<string, string?>? edited = null)
    {
        (await Quarantine.DecideAll(ReplicationScene.Admin, await GroupAsync(reason), decision, edited)).Trouble.ShouldBeNull();
        (await Quarantine.Rerun(ReplicationScene.Admin)).Trouble.ShouldBeNull();
    }

    public Task<long> DifferencesAsync() => Scene.NewAsync<long>("select count(*) from replication.compare()");

    /// <summary>The first look at a full old database from an empty new one.</summary>
    public static Task EmptyAsync(ReplicationScene scene) => scene.NewAsync("""
        alter table timesheet_new disable trigger user;
        alter table payment disable trigger user;
        truncate timesheet_new, timesheet_history, payment, timesheet_options restart identity;
        alter table timesheet_new enable trigger user;
        alter table payment enable trigger user;
        select replication.choose_authority();
        """);

    public ValueTask DisposeAsync() => Scene.DisposeAsync();
}
