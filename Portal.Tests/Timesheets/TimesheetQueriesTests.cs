using NodaTime;
using Portal.Data.Accounts;
using Portal.Data.Timesheets;
using Portal.Tests.Support;

namespace Portal.Tests.Timesheets;

public sealed class TimesheetQueriesTests : IAsyncLifetime
{
    private readonly Scratch database = new();
    private WorkerScene scene = null!;

    public async ValueTask InitializeAsync() => scene = await WorkerScene.Create(database);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_most_urgent_comes_first()
    {
        var paid = await scene.Add(TimesheetStatus.Approved, On(-1), paid: true);
        var approved = await scene.Add(TimesheetStatus.Approved, On(-2));
        var submittedEarlier = await scene.Add(TimesheetStatus.Submitted, On(-4));
        var submitted = await scene.Add(TimesheetStatus.Submitted, On(-3));
        var tomorrow = await scene.Add(TimesheetStatus.Draft, On(8));
        var nextWeek = await scene.Add(TimesheetStatus.Draft, On(14));
        var yesterday = await scene.Add(TimesheetStatus.Draft, On(6));
        var longAgo = await scene.Add(TimesheetStatus.Draft, On(-9));
        var rejected = await scene.Add(TimesheetStatus.Rejected, On(3));
        var rejectedBefore = await scene.Add(TimesheetStatus.Rejected, On(2));
        var unplanned = await scene.Add(hasPlan: false);

        var list = await scene.Queries.ListAsync(scene.Wendy);

        list.Items.Select(t => t.Id).ShouldBe(
            [rejectedBefore, rejected, longAgo, yesterday, unplanned, tomorrow, nextWeek, submitted, submittedEarlier, approved, paid]);
    }

    [Fact]
    public async Task A_filter_narrows_the_list_and_keeps_the_totals_of_all()
    {
        await scene.Add(TimesheetStatus.Approved, On(-1), paid: true);
        var approved = await scene.Add(TimesheetStatus.Approved, On(-2));
        await scene.Add(TimesheetStatus.Draft, On(1));

        var list = await scene.Queries.ListAsync(scene.Wendy, TimesheetState.Approved);

        list.Items.Select(t => t.Id).ShouldBe([approved]);
        list.Count(null).ShouldBe(3);
        list.Count(TimesheetState.Paid).ShouldBe(1);
        list.Worked(null).ShouldBe(Duration.FromMinutes(3 * 450));
        list.Due(TimesheetState.Approved).ShouldBe([("GBP", 150m)]);
        list.Due(null).ShouldBe([("GBP", 450m)]);
    }

    [Fact]
    public async Task Pages_follow_each_other_without_a_gap_and_the_one_beyond_the_last_is_the_last()
    {
        for (var day = 0; day < TimesheetQueries.PageSize + 3; day++)
        {
            await scene.Add(TimesheetStatus.Submitted, On(-day));
        }

        var first = await scene.Queries.ListAsync(scene.Wendy);
        var beyond = await scene.Queries.ListAsync(scene.Wendy, null, 99);

        (first.Page, first.PageCount, first.Items.Count).ShouldBe((1, 2, TimesheetQueries.PageSize));
        (beyond.Page, beyond.Items.Count).ShouldBe((2, 3));
        first.Items.Concat(beyond.Items).Select(t => t.Id).Distinct().Count().ShouldBe(TimesheetQueries.PageSize + 3);
    }

    [Fact]
    public async Task A_rejected_one_shows_the_last_answer()
    {
        var id = await scene.Add(TimesheetStatus.Submitted);
        await scene.Decide(id, TimesheetStatus.Rejected, "first");
        await scene.Decide(id, TimesheetStatus.Rejected, "Please check the break.");

        (await scene.Queries.ListAsync(scene.Wendy)).Items.ShouldHaveSingleItem().RejectionReason.ShouldBe("Please check the break.");
    }

    [Fact]
    public async Task Nobody_sees_anothers()
    {
        var id = await scene.Add();
        var staff = new Caller("s", "Staff", AccountRole.HospitalStaff, scene.Wendy.WorkerId, new HashSet<long> { scene.Hospital.Id });

        (await scene.Queries.ListAsync(scene.Oscar)).Items.ShouldBeEmpty();
        (await scene.Queries.GetAsync(scene.Oscar, id)).ShouldBeNull();
        (await scene.Queries.ListAsync(staff)).Items.ShouldBeEmpty();
        (await scene.Queries.GetAsync(staff, id)).ShouldBeNull();
        (await scene.Queries.GetAsync(scene.Wendy, id + 1_000_000)).ShouldBeNull();
    }

    /// <summary>The planned shift so many days later.</summary>
    private static Claim On(int days) =>
        new(WorkerScene.Eight + Duration.FromDays(days), WorkerScene.EightToFour.End + Duration.FromDays(days), 30);
}
