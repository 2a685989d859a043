using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using Npgsql;
using Portal.Data.Databases;
using Portal.Data.Timesheets;
using Portal.Tests.Support;

namespace Portal.Tests.Timesheets;

public sealed class TimesheetServiceTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private WorkerScene scene = null!;

    public async ValueTask InitializeAsync() => scene = await WorkerScene.Create(database);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_draft_as_planned_is_submitted_without_a_reason()
    {
        var id = await scene.Add();

        var now = (await Submit(id, await scene.Entry(id))).ShouldBeOfType<TimesheetResult.Saved>().Now;

        now.Status.ShouldBe(TimesheetStatus.Submitted);
        now.SubmittedAt.ShouldBe(Instant.FromDateTimeOffset(scene.Time.GetUtcNow()));
        var entry = now.History.ShouldHaveSingleItem();
        entry.ShouldSatisfyAllConditions(
            () => entry.Action.ShouldBe(TimesheetAction.Submitted),
            () => entry.AccountName.ShouldBe("Wendy Worker"),
            () => entry.FromStatus.ShouldBe(TimesheetStatus.Draft),
            () => entry.ToStatus.ShouldBe(TimesheetStatus.Submitted),
            () => entry.To.ShouldBe(WorkerScene.EightToFour),
            () => entry.Reason.ShouldBeNull());
    }

    [Fact]
    public async Task A_changed_draft_is_kept_with_what_it_was_and_what_it_is()
    {
        var id = await scene.Add();
        var entry = await scene.Entry(id) with { End = new(16, 45), Reason = " Handover ran late. " };

        var now = (await Save(id, entry)).ShouldBeOfType<TimesheetResult.Saved>().Now;

        now.Status.ShouldBe(TimesheetStatus.Draft);
        now.Claimed.ShouldBe(WorkerScene.EightToFour with { End = WorkerScene.Eight + Duration.FromMinutes(8 * 60 + 45) });
        now.Reason.ShouldBe("Handover ran late.");
        var amended = now.History.ShouldHaveSingleItem();
        (amended.Action, amended.From, amended.To).ShouldBe((TimesheetAction.Amended, WorkerScene.EightToFour, now.Claimed));
    }

    [Fact]
    public async Task Changing_and_submitting_at_once_leaves_both_in_the_history()
    {
        var id = await scene.Add();

        var now = (await Submit(id, await scene.Entry(id) with { Start = new(7, 30), Reason = "Asked to come early" })).ShouldBeOfType<TimesheetResult.Saved>().Now;

        now.History.Select(h => h.Action).ShouldBe([TimesheetAction.Amended, TimesheetAction.Submitted]);
        now.History.ShouldAllBe(h => h.Reason == "Asked to come early");
    }

    [Fact]
    public async Task Saving_what_is_there_already_leaves_no_trace()
    {
        var id = await scene.Add();

        var now = (await Save(id, await scene.Entry(id))).ShouldBeOfType<TimesheetResult.Saved>().Now;

        now.History.ShouldBeEmpty();
    }

    [Fact]
    public async Task Hours_that_differ_are_saved_without_a_reason_but_not_submitted()
    {
        var id = await scene.Add();
        var entry = await scene.Entry(id) with { End = new(17, 0) };

        (await Submit(id, entry)).ShouldBeOfType<TimesheetResult.Invalid>().Problems.ShouldHaveSingleItem().Field.ShouldBe(ClaimField.Reason);
        (await scene.Get(id)).Claimed.ShouldBe(WorkerScene.EightToFour);
        (await Save(id, entry)).ShouldBeOfType<TimesheetResult.Saved>();
    }

    [Fact]
    public async Task A_rejected_timesheet_can_be_amended_and_submitted_again()
    {
        var id = await scene.Add();
        await Submit(id, await scene.Entry(id));
        await scene.Decide(id, TimesheetStatus.Rejected, "The ward says you left at 15:30.");
        (await scene.Get(id)).Answer?.Reason.ShouldBe("The ward says you left at 15:30.");

        var entry = await scene.Entry(id) with { End = new(15, 30), Reason = "Left early" };
        (await Save(id, entry)).ShouldBeOfType<TimesheetResult.Saved>().Now.Status.ShouldBe(TimesheetStatus.Rejected);
        var now = (await Submit(id, entry)).ShouldBeOfType<TimesheetResult.Saved>().Now;

        now.Status.ShouldBe(TimesheetStatus.Submitted);
        now.History[^1].FromStatus.ShouldBe(TimesheetStatus.Rejected);
        now.History[^1].Reason.ShouldBe("Left early");
    }

    [Fact]
    public async Task A_shift_that_has_not_ended_is_kept_as_a_draft_only()
    {
        var id = await scene.Add();
        scene.Time.AdjustTime(WorkerScene.EightToFour.End.ToDateTimeOffset().AddMinutes(-1));

        (await Submit(id, await scene.Entry(id))).ShouldBeOfType<TimesheetResult.Invalid>().Problems.ShouldHaveSingleItem().Message
            .ShouldBe("This shift has not ended yet: it runs until Tue 2 Jun 2026, 16:00. Save it as a draft and submit it after the shift.");
        (await Save(id, await scene.Entry(id) with { Start = new(8, 15) })).ShouldBeOfType<TimesheetResult.Saved>();
    }

    [Fact]
    public async Task Anothers_timesheet_answers_like_one_that_does_not_exist()
    {
        var id = await scene.Add();
        var entry = await scene.Entry(id);
        var version = (await scene.Get(id)).Version;

        (await scene.Service.SubmitAsync(scene.Oscar, id, version, entry)).ShouldBeOfType<TimesheetResult.NotFound>();
        (await scene.Service.SaveDraftAsync(scene.Oscar, id, version, entry)).ShouldBeOfType<TimesheetResult.NotFound>();
        (await scene.Service.SubmitAsync(scene.Wendy with { Role = Data.Accounts.AccountRole.HospitalStaff }, id, version, entry)).ShouldBeOfType<TimesheetResult.NotFound>();
        (await scene.Service.SubmitAsync(scene.Wendy, long.MaxValue, version, entry)).ShouldBeOfType<TimesheetResult.NotFound>();
        (await scene.Get(id)).Status.ShouldBe(TimesheetStatus.Draft);
    }

    [Fact]
    public async Task A_timesheet_without_a_plan_is_filled_in_and_submitted()
    {
        var id = await scene.Add(hasPlan: false);
        var empty = await scene.Entry(id);
        empty.ShouldBe(new ClaimEntry { BreakMinutes = 0 });

        (await Submit(id, empty)).ShouldBeOfType<TimesheetResult.Invalid>().Problems.Count.ShouldBe(3);
        (await Submit(id, empty with { Date = new(2026, 6, 3), Start = new(20, 0), End = new(6, 0) }))
            .ShouldBeOfType<TimesheetResult.Saved>().Now.Claimed?.Worked.ShouldBe(Duration.FromHours(10));
    }

    [Fact]
    public async Task A_night_in_which_the_clocks_go_back_counts_its_true_hours()
    {
        scene.Time.AdjustTime(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
        var id = await scene.Add(plan: new(Instant.FromUtc(2026, 10, 24, 18, 0), Instant.FromUtc(2026, 10, 25, 7, 0), 60));

        var entry = await scene.Entry(id);
        entry.EndsOnNextDay.ShouldBeTrue();
        var now = (await Submit(id, entry)).ShouldBeOfType<TimesheetResult.Saved>().Now;

        now.Claimed?.Worked.ShouldBe(Duration.FromHours(12));
        now.History.ShouldHaveSingleItem().Action.ShouldBe(TimesheetAction.Submitted);
    }

    [Fact]
    public async Task When_the_database_does_not_answer_the_message_is_calm_and_nothing_is_kept()
    {
        var id = await scene.Add();
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Database=x;Username=x;Timeout=2");
        var service = new TimesheetService(new Unreachable(nowhere), scene.Time, NullLogger<TimesheetService>.Instance);

        (await service.SubmitAsync(scene.Wendy, id, 1, await scene.Entry(id))).ShouldBeOfType<TimesheetResult.Failed>().Message
            .ShouldBe(DatabaseTrouble.NotSaved);
    }

    private async Task<TimesheetResult> Save(long id, ClaimEntry entry) =>
        await scene.Service.SaveDraftAsync(scene.Wendy, id, (await scene.Get(id)).Version, entry);

    private async Task<TimesheetResult> Submit(long id, ClaimEntry entry) =>
        await scene.Service.SubmitAsync(scene.Wendy, id, (await scene.Get(id)).Version, entry);

    private sealed class Unreachable(NpgsqlDataSource source) : IDbContextFactory<PortalDbContext>
    {
        public PortalDbContext CreateDbContext() =>
            new(new DbContextOptionsBuilder<PortalDbContext>().UseNpgsql(source, o => o.UseNodaTime()).UseSnakeCaseNamingConvention().Options);
    }
}
