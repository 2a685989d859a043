using Microsoft.Extensions.Logging.Abstractions;
using Portal.Data.Replication;
using Portal.Data.Replication.Planning;

namespace Portal.Tests.Replication;

/// <summary>A migration in its course, with the services of the plan and ways to bring it to a certain step.</summary>
internal sealed class PlanScene : IAsyncDisposable
{
    private PlanScene(ReplicationScene scene)
    {
        Scene = scene;
        Guard = new OldGuard(scene.Databases.Old);
        Plan = new PlanService(
            scene.Databases.New,
            new PlanReading(scene.Databases.New, scene.Databases.Old, Guard, scene.Servers, scene.OldSchema, scene.Triggers),
            Guard,
            NullLogger<PlanService>.Instance);
        Watch = new ReaderWatch(scene.Databases.New, Guard, scene.Outbox, scene.Triggers, TimeProvider.System, NullLogger<ReaderWatch>.Instance);
    }

    public ReplicationScene Scene { get; }

    public OldGuard Guard { get; }

    public PlanService Plan { get; }

    public ReaderWatch Watch { get; }

    public static async Task<PlanScene> CreateAsync() => new(await ReplicationScene.CreateAsync());

    public async Task<PlanReport> ReadAsync() => (await Plan.Read(ReplicationScene.Admin, TestContext.Current.CancellationToken)).Value.ShouldNotBeNull();

    public async Task<PlanStep> StepAsync(PlanStepName step) => (await ReadAsync()).Steps.Single(s => s.Name == step);

    public async Task<PlanOutcome> TakeAsync(PlanStepName step, string? why = null, string? server = null, IReadOnlyCollection<string>? known = null) =>
        (await Plan.Take(ReplicationScene.Admin, step, why, server, known: known, cancel: TestContext.Current.CancellationToken)).Value.ShouldNotBeNull();

    public async Task<PlanOutcome> UndoAsync(PlanStepName step) =>
        (await Plan.Undo(ReplicationScene.Admin, step, "It was too early.", cancel: TestContext.Current.CancellationToken)).Value.ShouldNotBeNull();

    /// <summary>Takes all steps before one.</summary>
    public async Task ComeToAsync(PlanStepName step)
    {
        foreach (var before in Enum.GetValues<PlanStepName>().Where(s => s < step))
        {
            (await TakeAsync(before, "The test begins later.")).Done.ShouldBeTrue();
        }
    }

    /// <summary>Looks for readers, as a portal does each half minute.</summary>
    public async Task LookAsync()
    {
        await Scene.NewAsync("update replication.plan_watch set claimed_at = null");
        (await Watch.SampleAsync(TestContext.Current.CancellationToken)).ShouldBeTrue();
    }

    /// <summary>Compares all rows, as the worker does.</summary>
    public Task VerifyAsync() => Scene.Outbox.VerifyAsync(1000, TestContext.Current.CancellationToken);

    /// <summary>Lets everything have been so for long: the guard, the looks at the readers, the agreement of old and new.</summary>
    public async Task LongAgoAsync()
    {
        await Scene.OldAsync("update portal_replication.guarded_table set since = since - interval '30 days'; update portal_replication.guard set changed_at = changed_at - interval '29 days'");
        await Scene.NewAsync("""
            update replication.plan_watch
               set watched_since = watched_since - interval '30 days', in_step_since = in_step_since - interval '30 days';
            update replication.reader set first_seen = first_seen - interval '30 days', last_seen = last_seen - interval '30 days',
                   moved_on_at = moved_on_at - interval '29 days';
            update replication.plan_step set taken_at = taken_at - interval '29 days';
            """);
    }

    public ValueTask DisposeAsync() => Scene.DisposeAsync();
}
