using NodaTime;
using Portal.Data.Timesheets;
using Portal.Tests.Support;

namespace Portal.Tests.Timesheets;

/// <summary>Two windows, two editors, two entries: what happens when changes meet.</summary>
public sealed class TimesheetConflictTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private WorkerScene scene = null!;

    public async ValueTask InitializeAsync() => scene = await WorkerScene.Create(database);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Submitting_twice_is_harmless()
    {
        var id = await scene.Add();
        var entry = await scene.Entry(id);
        var version = (await scene.Get(id)).Version;

        (await scene.Service.SubmitAsync(scene.Wendy, id, version, entry)).ShouldBeOfType<TimesheetResult.Saved>();
        (await scene.Service.SubmitAsync(scene.Wendy, id, version, entry)).ShouldBeOfType<TimesheetResult.AlreadySubmitted>()
            .Now.History.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Submitting_in_many_windows_at_once_submits_once()
    {
        var id = await scene.Add();
        var entry = await scene.Entry(id);
        // Several times: whether they really meet is chance.
        for (var round = 1; round <= 5; round++)
        {
            var version = (await scene.Get(id)).Version;

            var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => scene.Service.SubmitAsync(scene.Wendy, id, version, entry)));

            results.OfType<TimesheetResult.Failed>().ShouldBeEmpty();
            results.OfType<TimesheetResult.Saved>().Count().ShouldBe(1);
            results.OfType<TimesheetResult.AlreadySubmitted>().Count().ShouldBe(5);
            (await scene.Get(id)).History.Count(h => h.Action == TimesheetAction.Submitted).ShouldBe(round);
            await scene.Decide(id, TimesheetStatus.Rejected, "Once more.");
        }
    }

    [Fact]
    public async Task What_was_submitted_or_approved_can_no_longer_be_changed()
    {
        var id = await scene.Add();
        var entry = await scene.Entry(id);
        await Submit(id, entry);
        var other = entry with { End = new(18, 0), Reason = "More" };

        (await Save(id, other)).ShouldBeOfType<TimesheetResult.NotAllowedNow>().Message
            .ShouldBe("This timesheet was submitted on Tue 9 Jun 2026, 13:00 and can no longer be changed. If it is wrong, ask the hospital to reject it; then you can change it.");
        (await Submit(id, other)).ShouldBeOfType<TimesheetResult.NotAllowedNow>();
        await scene.Decide(id, TimesheetStatus.Approved);
        (await Submit(id, entry)).ShouldBeOfType<TimesheetResult.NotAllowedNow>().Message
            .ShouldBe("This timesheet was approved on Tue 9 Jun 2026, 13:00 and can no longer be changed. If it is wrong, speak to the hospital.");
        (await scene.Get(id)).Claimed.ShouldBe(WorkerScene.EightToFour);
    }

    [Fact]
    public async Task The_second_of_two_editors_is_told_what_changed_and_by_whom()
    {
        var id = await scene.Add();
        var seen = await scene.Get(id);
        var entry = await scene.Entry(id);
        var manager = scene.Wendy with { Name = "Wendy on her phone" };
        await scene.Service.SaveDraftAsync(manager, id, seen.Version, entry with { End = new(17, 0) });

        var now = (await scene.Service.SubmitAsync(scene.Wendy, id, seen.Version, entry with { End = new(18, 0), Reason = "x" }))
            .ShouldBeOfType<TimesheetResult.Conflict>().Now;

        now.NewSince(seen.LastEntryId).ShouldHaveSingleItem().AccountName.ShouldBe("Wendy on her phone");
        now.Claimed?.Worked.ShouldBe(Duration.FromMinutes(510));
        // With the version just told, the own hours can be kept.
        (await scene.Service.SubmitAsync(scene.Wendy, id, now.Version, entry with { End = new(18, 0), Reason = "x" })).ShouldBeOfType<TimesheetResult.Saved>();
    }

    [Fact]
    public async Task Of_two_editors_at_the_same_moment_one_is_told()
    {
        var id = await scene.Add();
        var entry = await scene.Entry(id);
        var version = (await scene.Get(id)).Version;

        var results = await Task.WhenAll(Enumerable.Range(1, 6).Select(m =>
            scene.Service.SaveDraftAsync(scene.Wendy, id, version, entry with { End = new LocalTime(17, m) })));

        results.OfType<TimesheetResult.Saved>().Count().ShouldBe(1);
        results.OfType<TimesheetResult.Conflict>().Count().ShouldBe(5);
        (await scene.Get(id)).History.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Saving_the_same_again_with_an_old_version_asks_nothing()
    {
        var id = await scene.Add();
        var version = (await scene.Get(id)).Version;
        var entry = await scene.Entry(id) with { End = new(17, 0), Reason = "x" };

        await scene.Service.SaveDraftAsync(scene.Wendy, id, version, entry);
        (await scene.Service.SaveDraftAsync(scene.Wendy, id, version, entry)).ShouldBeOfType<TimesheetResult.Saved>();
        (await scene.Get(id)).History.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_overlap_names_the_other_entry()
    {
        var first = await scene.Add();
        var evening = await scene.Add(plan: new(WorkerScene.Eight + Duration.FromHours(9), WorkerScene.Eight + Duration.FromHours(12), 0));

        var problem = (await Save(evening, await scene.Entry(evening) with { Start = new(15, 59) }))
            .ShouldBeOfType<TimesheetResult.Invalid>().Problems.ShouldHaveSingleItem();

        problem.OtherTimesheetId.ShouldBe(first);
        problem.Message.ShouldBe($"You already have an entry for this time: {scene.Hospital.Name}, Tue 2 Jun 2026, 08:00–16:00. Change the times here, or that entry.");
        // Where one ends the other may begin.
        (await Save(evening, await scene.Entry(evening) with { Start = new(16, 0) })).ShouldBeOfType<TimesheetResult.Saved>();
    }

    [Fact]
    public async Task Of_two_windows_that_claim_the_same_time_at_once_one_is_told_of_the_overlap()
    {
        for (var round = 0; round < 5; round++)
        {
            var nine = WorkerScene.Eight + Duration.FromDays(7 * round);
            var first = await scene.Add(plan: new(nine, nine + Duration.FromHours(2), 0));
            var second = await scene.Add(plan: new(nine + Duration.FromHours(6), nine + Duration.FromHours(8), 0));
            // Each moves into the gap between them, which is free as long as only one does.
            var results = await Task.WhenAll(
                Save(first, await scene.Entry(first) with { Start = new(11, 0), End = new(13, 0) }),
                Save(second, await scene.Entry(second) with { Start = new(11, 30), End = new(13, 30) }));

            results.OfType<TimesheetResult.Saved>().Count().ShouldBe(1);
            results.OfType<TimesheetResult.Invalid>().ShouldHaveSingleItem().Problems.ShouldHaveSingleItem().OtherTimesheetId.ShouldNotBeNull();
        }
    }

    private async Task<TimesheetResult> Save(long id, ClaimEntry entry) =>
        await scene.Service.SaveDraftAsync(scene.Wendy, id, (await scene.Get(id)).Version, entry);

    private async Task<TimesheetResult> Submit(long id, ClaimEntry entry) =>
        await scene.Service.SubmitAsync(scene.Wendy, id, (await scene.Get(id)).Version, entry);
}
