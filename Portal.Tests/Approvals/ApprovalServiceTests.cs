using Portal.Data.Accounts;
using Portal.Data.Approvals;
using Portal.Data.Timesheets;
using Portal.Tests.Support;

namespace Portal.Tests.Approvals;

public sealed class ApprovalServiceTests
{
    private static Task<HospitalScene> Scene() => HospitalScene.Create(new Scratch());

    [Fact]
    public async Task An_approval_is_kept_with_who_and_when()
    {
        var scene = await Scene();
        var (id, version) = await scene.Add();

        (await scene.Approvals.Approve(scene.Anna, id, version)).ShouldBeOfType<DecisionResult.Done>();

        (await scene.Status(id)).ShouldBe(TimesheetStatus.Approved);
        var entry = (await scene.History(id, TimesheetAction.Approved)).ShouldHaveSingleItem();
        entry.AccountName.ShouldBe("Anna Lee");
        entry.AccountId.ShouldBe(scene.Anna.AccountId);
        entry.HappenedAt.ToDateTimeOffset().ShouldBe(scene.Time.GetUtcNow());
        (entry.FromStatus, entry.ToStatus).ShouldBe((TimesheetStatus.Submitted, TimesheetStatus.Approved));
    }

    [Fact]
    public async Task A_rejection_keeps_its_reason_without_the_blanks_around_it()
    {
        var scene = await Scene();
        var (id, version) = await scene.Add();

        (await scene.Approvals.Reject(scene.Anna, id, version, "  The ward closed at four. ")).ShouldBeOfType<DecisionResult.Done>();

        (await scene.Status(id)).ShouldBe(TimesheetStatus.Rejected);
        (await scene.History(id, TimesheetAction.Rejected)).ShouldHaveSingleItem().Reason.ShouldBe("The ward closed at four.");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("      ")]
    [InlineData(" no ")]
    [InlineData("\0\0\0\0")]
    public async Task A_rejection_needs_a_reason(string? reason)
    {
        var scene = await Scene();
        var (id, version) = await scene.Add();

        (await scene.Approvals.Reject(scene.Anna, id, version, reason))
            .ShouldBeOfType<DecisionResult.Invalid>().Message.ShouldStartWith("Say why");

        (await scene.Status(id)).ShouldBe(TimesheetStatus.Submitted);
    }

    [Fact]
    public async Task A_reason_that_is_too_long_is_named_with_its_length()
    {
        var scene = await Scene();
        var (id, version) = await scene.Add();

        (await scene.Approvals.Reject(scene.Anna, id, version, new string('a', 501)))
            .ShouldBeOfType<DecisionResult.Invalid>().Message.ShouldBe("Shorten the reason to 500 characters. It has 501.");
        (await scene.Approvals.Reject(scene.Anna, id, version, new string('a', 500))).ShouldBeOfType<DecisionResult.Done>();
    }

    [Fact]
    public async Task A_timesheet_of_another_hospital_answers_like_one_that_does_not_exist()
    {
        var scene = await Scene();
        var (id, version) = await scene.Add();

        (await scene.Approvals.Approve(scene.Stranger, id, version)).ShouldBeOfType<DecisionResult.NotFound>();
        (await scene.Approvals.Reject(scene.Stranger, id, version, "Not mine at all")).ShouldBeOfType<DecisionResult.NotFound>();
        (await scene.Approvals.Approve(scene.Stranger, long.MaxValue, version)).ShouldBeOfType<DecisionResult.NotFound>();
        (await scene.Approvals.ApproveAsPlanned(scene.Stranger, [new(id, version)]))
            .ShouldHaveSingleItem().Result.ShouldBeOfType<DecisionResult.NotFound>();
        (await scene.Queue.Find(scene.Stranger, id)).ShouldBeNull();

        (await scene.Status(id)).ShouldBe(TimesheetStatus.Submitted);
    }

    [Theory]
    [InlineData(AccountRole.Worker)]
    [InlineData(AccountRole.Admin)]
    public async Task Only_hospital_staff_decide(AccountRole role)
    {
        var scene = await Scene();
        var (id, version) = await scene.Add();
        var caller = scene.Anna with { Role = role };

        (await scene.Approvals.Approve(caller, id, version)).ShouldBeOfType<DecisionResult.NotFound>();
        (await scene.Queue.Find(caller, id)).ShouldBeNull();
        (await scene.Queue.Waiting(caller, new ApprovalFilter(), 1)).Rows.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_decides_on_the_own_timesheet()
    {
        var scene = await Scene();
        var own = scene.Anna with { WorkerId = await scene.AddWorker("Anna Lee") };
        var (id, version) = await scene.Add(workerId: own.WorkerId);

        (await scene.Approvals.Approve(own, id, version)).ShouldBeOfType<DecisionResult.Invalid>().Message.ShouldContain("your own");
        (await scene.Queue.Find(own, id)).ShouldNotBeNull().Row.CanDecide.ShouldBeFalse();
        (await scene.Approvals.Approve(scene.Ben, id, version)).ShouldBeOfType<DecisionResult.Done>();
    }

    [Fact]
    public async Task Of_two_colleagues_at_once_one_decides_and_the_other_is_told_who_did()
    {
        var scene = await Scene();
        for (var round = 0; round < 10; round++)
        {
            var (id, version) = await scene.Add();

            var results = await Task.WhenAll(
                Task.Run(() => scene.Approvals.Approve(scene.Anna, id, version)),
                Task.Run(() => scene.Approvals.Reject(scene.Ben, id, version, "The ward closed at four.")));

            results.OfType<DecisionResult.Done>().ShouldHaveSingleItem();
            var told = results.OfType<DecisionResult.AlreadyDecided>().ShouldHaveSingleItem();
            told.By.ShouldBe(results[0] is DecisionResult.Done ? "Anna Lee" : "Ben Okoro");
            told.Outcome.ShouldBe(await scene.Status(id));
            told.At.ShouldNotBeNull();
            ((await scene.History(id, TimesheetAction.Approved)).Count + (await scene.History(id, TimesheetAction.Rejected)).Count).ShouldBe(1);
        }
    }

    [Fact]
    public async Task A_double_click_approves_once_and_answers_twice_the_same()
    {
        var scene = await Scene();
        var (id, version) = await scene.Add();

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => scene.Approvals.Approve(scene.Anna, id, version))));

        results.ShouldAllBe(r => r is DecisionResult.Done);
        (await scene.History(id, TimesheetAction.Approved)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_second_reason_for_the_same_rejection_is_not_taken_silently()
    {
        var scene = await Scene();
        var (id, version) = await scene.Add();
        await scene.Approvals.Reject(scene.Anna, id, version, "The ward closed at four.");

        (await scene.Approvals.Reject(scene.Anna, id, version, "The ward closed at four.")).ShouldBeOfType<DecisionResult.Done>();
        (await scene.Approvals.Reject(scene.Anna, id, version, "Another reason")).ShouldBe(
            new DecisionResult.AlreadyDecided(
                TimesheetStatus.Rejected, "Anna Lee", NodaTime.Instant.FromDateTimeOffset(scene.Time.GetUtcNow()), "The ward closed at four."));
    }

    [Fact]
    public async Task Hours_changed_meanwhile_are_not_approved_unseen()
    {
        var scene = await Scene();
        var (id, version) = await scene.Add();
        await scene.Approvals.Reject(scene.Ben, id, version, "Please add the handover.");
        await scene.AmendAndSubmit(id, endsLater: 45);

        var conflict = (await scene.Approvals.Approve(scene.Anna, id, version)).ShouldBeOfType<DecisionResult.Conflict>();

        conflict.By.ShouldBe("Wendy Worker");
        conflict.Status.ShouldBe(TimesheetStatus.Submitted);
        (conflict.Now.ShouldNotBeNull().Worked - conflict.Was.ShouldNotBeNull().Worked).ShouldBe(NodaTime.Duration.FromMinutes(45));
        (await scene.Status(id)).ShouldBe(TimesheetStatus.Submitted);
    }

    [Fact]
    public async Task A_rejected_timesheet_can_be_amended_submitted_and_approved()
    {
        var scene = await Scene();
        var (id, version) = await scene.Add();
        await scene.Approvals.Reject(scene.Anna, id, version, "Please add the handover.");
        await scene.AmendAndSubmit(id, endsLater: 15);

        var row = (await scene.Queue.Waiting(scene.Anna, new ApprovalFilter(), 1)).Rows.ShouldHaveSingleItem();
        row.Decision.ShouldNotBeNull().Reason.ShouldBe("Please add the handover.");
        (await scene.Approvals.Approve(scene.Anna, id, row.Version)).ShouldBeOfType<DecisionResult.Done>();

        (await scene.History(id, TimesheetAction.Rejected)).ShouldHaveSingleItem();
        (await scene.Status(id)).ShouldBe(TimesheetStatus.Approved);
    }

    [Fact]
    public async Task A_draft_that_was_never_submitted_is_none_of_the_hospitals_business()
    {
        var scene = await Scene();
        var (id, version) = await scene.Add(TimesheetStatus.Draft);

        (await scene.Queue.Find(scene.Anna, id)).ShouldBeNull();
        (await scene.Approvals.Approve(scene.Anna, id, version)).ShouldBeOfType<DecisionResult.NotFound>();
    }

    [Fact]
    public async Task Without_hours_there_is_nothing_to_approve()
    {
        var scene = await Scene();
        var (id, version) = await scene.Add(hasPlan: false);

        (await scene.Approvals.Approve(scene.Anna, id, version)).ShouldBeOfType<DecisionResult.Invalid>().Message.ShouldContain("No hours");
        (await scene.Approvals.Reject(scene.Anna, id, version, "Enter your hours, please.")).ShouldBeOfType<DecisionResult.Done>();
    }

    [Fact]
    public async Task One_that_cannot_be_approved_does_not_hold_up_the_others()
    {
        var scene = await Scene();
        var (planned, amended, decided) = (await scene.Add(), await scene.Add(endsLater: 30), await scene.Add());
        await scene.Approvals.Reject(scene.Ben, decided.Id, decided.Version, "The ward closed at four.");

        var results = await scene.Approvals.ApproveAsPlanned(scene.Anna, [planned, amended, decided, new(long.MaxValue, 1), planned]);

        results.Select(r => (r.Id, r.Result.GetType())).ShouldBe([
            (planned.Id, typeof(DecisionResult.Done)),
            (amended.Id, typeof(DecisionResult.Invalid)),
            (decided.Id, typeof(DecisionResult.AlreadyDecided)),
            (long.MaxValue, typeof(DecisionResult.NotFound)),
        ]);
        (await scene.Status(planned.Id)).ShouldBe(TimesheetStatus.Approved);
        (await scene.Status(amended.Id)).ShouldBe(TimesheetStatus.Submitted);
    }
}
