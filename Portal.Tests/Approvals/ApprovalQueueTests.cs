using NodaTime;
using Portal.Data.Approvals;
using Portal.Data.Timesheets;
using Portal.Tests.Support;

namespace Portal.Tests.Approvals;

public sealed class ApprovalQueueTests
{
    private static readonly ApprovalFilter All = new();

    private static Task<HospitalScene> Scene() => HospitalScene.Create(new Scratch());

    [Fact]
    public async Task What_was_submitted_first_comes_first()
    {
        var scene = await Scene();
        var (second, first, third) = (await scene.Add(submittedHoursAgo: 20), await scene.Add(submittedHoursAgo: 30), await scene.Add(submittedHoursAgo: 1));
        await scene.Add(TimesheetStatus.Draft);
        await scene.Add(TimesheetStatus.Approved);

        var page = await scene.Queue.Waiting(scene.Anna, All, 1);

        page.Rows.Select(r => r.Id).ShouldBe([first.Id, second.Id, third.Id]);
        page.HasMore.ShouldBeFalse();
    }

    [Fact]
    public async Task A_row_says_how_the_claim_differs_from_the_plan_in_time_and_money()
    {
        var scene = await Scene();
        await scene.Add(endsLater: 90, reason: "Emergency at the end of the shift");

        var row = (await scene.Queue.Waiting(scene.Anna, All, 1)).Rows.ShouldHaveSingleItem();

        row.Deviation.ShouldBe(new Deviation(DeviationKind.More, Duration.FromMinutes(90), 30));
        row.Due.ShouldBe(180);
        row.WorkerReason.ShouldBe("Emergency at the end of the shift");
        (row.Worker, row.Unit, row.Hospital, row.TimeZone).ShouldBe(("Wendy Worker", "Ward 4", scene.Hospital.Name, "Europe/London"));
        row.CanApproveInBulk.ShouldBeFalse();
    }

    [Fact]
    public async Task A_shift_moved_as_a_whole_is_amended_though_nothing_changes_in_pay()
    {
        var scene = await Scene();
        await scene.Add(startsLater: 30, endsLater: 30);

        var row = (await scene.Queue.Waiting(scene.Anna, All with { Hours = HoursFilter.Amended }, 1)).Rows.ShouldHaveSingleItem();

        row.Deviation.ShouldBe(new Deviation(DeviationKind.Moved, Duration.Zero, 0));
        row.CanApproveInBulk.ShouldBeFalse();
    }

    [Fact]
    public async Task Amended_and_planned_ones_are_told_apart()
    {
        var scene = await Scene();
        var (planned, less, unplanned) = (await scene.Add(), await scene.Add(endsLater: -30), await scene.Add(hasPlan: false));

        (await scene.Queue.Waiting(scene.Anna, All with { Hours = HoursFilter.AsPlanned }, 1)).Rows.Select(r => r.Id).ShouldBe([planned.Id]);
        (await scene.Queue.Waiting(scene.Anna, All with { Hours = HoursFilter.Amended }, 1)).Rows.Select(r => r.Id).ShouldBe([less.Id, unplanned.Id]);
    }

    [Theory]
    [InlineData("o'n", true)]
    [InlineData("  SHAY ", true)]
    [InlineData("%", false)]
    [InlineData("_", false)]
    [InlineData("\\", false)]
    [InlineData("sh\0ay", true)]
    public async Task A_worker_is_found_by_a_part_of_the_name_as_it_is_typed(string typed, bool found)
    {
        var scene = await Scene();
        await scene.Add(worker: "Shay O'Neill");

        (await scene.Queue.Waiting(scene.Anna, All with { Worker = typed }, 1)).Rows.Count.ShouldBe(found ? 1 : 0);
    }

    [Fact]
    public async Task Staff_of_two_hospitals_see_both_and_may_look_at_one()
    {
        var scene = await Scene();
        var (here, there) = (await scene.Add(submittedHoursAgo: 9), await scene.Add(hospital: scene.OtherHospital, submittedHoursAgo: 8));
        var both = HospitalScene.Staff("Both", scene.Hospital.Id, scene.OtherHospital.Id);

        (await scene.Queue.Waiting(both, All, 1)).Rows.Select(r => r.Id).ShouldBe([here.Id, there.Id]);
        (await scene.Queue.Waiting(both, All with { HospitalId = scene.OtherHospital.Id }, 1)).Rows.Select(r => r.Id).ShouldBe([there.Id]);
        (await scene.Queue.Waiting(scene.Anna, All with { HospitalId = scene.OtherHospital.Id }, 1)).Rows.ShouldBeEmpty();
        (await scene.Queue.Hospitals(both)).Select(h => h.Name).ShouldBe([scene.OtherHospital.Name, scene.Hospital.Name]);
    }

    [Fact]
    public async Task A_long_queue_comes_in_pages()
    {
        var scene = await Scene();
        for (var i = 0; i < RowPage<ApprovalRow>.Size + 2; i++)
        {
            await scene.Add(submittedHoursAgo: 100 - i);
        }

        var (first, second) = (await scene.Queue.Waiting(scene.Anna, All, 1), await scene.Queue.Waiting(scene.Anna, All, 2));

        (first.Rows.Count, first.HasMore).ShouldBe((RowPage<ApprovalRow>.Size, true));
        (second.Rows.Count, second.HasMore).ShouldBe((2, false));
        first.Rows.Concat(second.Rows).Select(r => r.Id).Distinct().Count().ShouldBe(27);
        (await scene.Queue.Waiting(scene.Anna, All, int.MinValue)).Number.ShouldBe(1);
        (await scene.Queue.Waiting(scene.Anna, All, int.MaxValue)).Rows.ShouldBeEmpty();
    }

    [Fact]
    public async Task From_one_timesheet_one_goes_on_to_the_next_also_after_deciding()
    {
        var scene = await Scene();
        var (a, b, c) = (await scene.Add(submittedHoursAgo: 3), await scene.Add(submittedHoursAgo: 2), await scene.Add(submittedHoursAgo: 1));
        async Task<QueuePlace> Place(long id) =>
            await scene.Queue.Place(scene.Anna, All, (await scene.Queue.Find(scene.Anna, id)).ShouldNotBeNull().Row);

        (await Place(a.Id)).ShouldBe(new QueuePlace(null, b.Id));
        (await Place(b.Id)).ShouldBe(new QueuePlace(a.Id, c.Id));
        await scene.Approvals.Approve(scene.Anna, b.Id, b.Version);
        (await Place(b.Id)).ShouldBe(new QueuePlace(a.Id, c.Id));
        (await Place(a.Id)).ShouldBe(new QueuePlace(null, c.Id));
        (await Place(c.Id)).ShouldBe(new QueuePlace(a.Id, null));
    }

    [Fact]
    public async Task Decided_ones_are_listed_once_with_the_latest_first()
    {
        var scene = await Scene();
        var (approved, rejected, again) = (await scene.Add(), await scene.Add(), await scene.Add());
        await scene.Approvals.Reject(scene.Anna, again.Id, again.Version, "Please add the handover.");
        await scene.Approvals.Approve(scene.Anna, approved.Id, approved.Version);
        await scene.Approvals.Reject(scene.Ben, rejected.Id, rejected.Version, "The ward closed at four.");
        await scene.AmendAndSubmit(again.Id, 15);

        var rows = (await scene.Queue.Decided(scene.Anna, All, 1)).Rows;
        rows.Select(r => r.Id).ShouldBe([rejected.Id, approved.Id]);
        rows[0].Decision.ShouldNotBeNull().By.ShouldBe("Ben Okoro");

        await scene.Approvals.Approve(scene.Anna, again.Id, (await scene.Read(again.Id)).Version);
        await scene.Payments.MarkPaid(scene.Anna, [approved.Id]);
        (await scene.Queue.Decided(scene.Anna, All, 1)).Rows.Select(r => r.Id).ShouldBe([approved.Id, again.Id, rejected.Id]);
        async Task<IEnumerable<long>> Only(OutcomeFilter outcome) =>
            (await scene.Queue.Decided(scene.Anna, All with { Outcome = outcome }, 1)).Rows.Select(r => r.Id);
        (await Only(OutcomeFilter.Approved)).ShouldBe([approved.Id, again.Id]);
        (await Only(OutcomeFilter.Rejected)).ShouldBe([rejected.Id]);
        (await Only(OutcomeFilter.Paid)).ShouldBe([approved.Id]);
        (await scene.Queue.Decided(scene.Stranger, All, 1)).Rows.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_waits_is_counted_for_the_own_hospitals_only()
    {
        var scene = await Scene();
        await scene.Add();
        await scene.Add(hospital: scene.OtherHospital);
        await scene.Add(TimesheetStatus.Approved);

        (await scene.Queue.Count(scene.Anna)).ShouldBe(new ApprovalCounts(1, 1));
        (await scene.Queue.Count(scene.Stranger)).ShouldBe(new ApprovalCounts(1, 0));
    }

    [Fact]
    public async Task All_that_are_as_planned_are_gathered_but_not_the_own_one()
    {
        var scene = await Scene();
        var own = scene.Anna with { WorkerId = await scene.AddWorker("Anna Lee") };
        var planned = await scene.Add();
        await scene.Add(endsLater: 5);
        await scene.Add(workerId: own.WorkerId);

        (await scene.Queue.WaitingAsPlanned(own, All)).ShouldHaveSingleItem().Id.ShouldBe(planned.Id);
    }
}
