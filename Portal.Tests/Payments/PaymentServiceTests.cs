using Portal.Data.Approvals;
using Portal.Data.Payments;
using Portal.Data.Timesheets;
using Portal.Tests.Approvals;
using Portal.Tests.Support;

namespace Portal.Tests.Payments;

public sealed class PaymentServiceTests
{
    private static readonly ApprovalFilter All = new();

    private static Task<HospitalScene> Scene() => HospitalScene.Create(new Scratch());

    [Fact]
    public async Task What_is_paid_is_what_the_claimed_hours_are_worth_and_it_stays_approved()
    {
        var scene = await Scene();
        var (id, _) = await scene.Add(TimesheetStatus.Approved, endsLater: 10);

        var result = (await scene.Payments.MarkPaid(scene.Anna, [id])).ShouldHaveSingleItem().Result;

        result.ShouldBe(new PaymentResult.Done(153.33m, "GBP"));
        var payment = (await scene.PaymentsOf(id)).ShouldHaveSingleItem();
        (payment.Amount, payment.Currency, payment.PaidBy).ShouldBe((153.33m, "GBP", scene.Anna.AccountId));
        (await scene.Status(id)).ShouldBe(TimesheetStatus.Approved);
        (await scene.History(id, TimesheetAction.Paid)).ShouldHaveSingleItem().AccountName.ShouldBe("Anna Lee");
    }

    [Fact]
    public async Task Two_who_pay_at_once_pay_once()
    {
        var scene = await Scene();
        for (var round = 0; round < 10; round++)
        {
            var (id, _) = await scene.Add(TimesheetStatus.Approved);

            var results = await Task.WhenAll(new[] { scene.Anna, scene.Ben, scene.Anna, scene.Ben }
                .Select(who => Task.Run(async () => (await scene.Payments.MarkPaid(who, [id]))[0].Result)));

            results.OfType<PaymentResult.Done>().ShouldHaveSingleItem();
            results.OfType<PaymentResult.AlreadyPaid>().Count().ShouldBe(3);
            var paid = (await scene.History(id, TimesheetAction.Paid)).ShouldHaveSingleItem();
            results.OfType<PaymentResult.AlreadyPaid>().ShouldAllBe(r => r.By == paid.AccountName);
            (await scene.PaymentsOf(id)).ShouldHaveSingleItem();
        }
    }

    [Theory]
    [InlineData(TimesheetStatus.Submitted)]
    [InlineData(TimesheetStatus.Rejected)]
    [InlineData(TimesheetStatus.Draft)]
    public async Task Only_approved_timesheets_are_paid(TimesheetStatus status)
    {
        var scene = await Scene();
        var (id, _) = await scene.Add(status);

        (await scene.Payments.MarkPaid(scene.Anna, [id]))[0].Result.ShouldBeOfType<PaymentResult.Invalid>();

        (await scene.PaymentsOf(id)).ShouldBeEmpty();
        (await scene.History(id, TimesheetAction.Paid)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_timesheet_of_another_hospital_answers_like_one_that_does_not_exist()
    {
        var scene = await Scene();
        var (id, _) = await scene.Add(TimesheetStatus.Approved);

        var results = await scene.Payments.MarkPaid(scene.Stranger, [id, long.MaxValue]);

        results.ShouldAllBe(r => r.Result is PaymentResult.NotFound);
        (await scene.PaymentsOf(id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_cannot_be_paid_does_not_hold_up_the_others()
    {
        var scene = await Scene();
        var (paid, unpaid, waiting, empty) = (
            (await scene.Add(TimesheetStatus.Approved)).Id, (await scene.Add(TimesheetStatus.Approved)).Id,
            (await scene.Add()).Id, (await scene.Add(TimesheetStatus.Approved, hasPlan: false)).Id);
        await scene.Payments.MarkPaid(scene.Ben, [paid]);

        var results = await scene.Payments.MarkPaid(scene.Anna, [paid, unpaid, waiting, empty, unpaid]);

        results.Select(r => r.Result.GetType()).ShouldBe(
            [typeof(PaymentResult.AlreadyPaid), typeof(PaymentResult.Done), typeof(PaymentResult.Invalid), typeof(PaymentResult.Invalid)]);
        results[0].Result.ShouldBeOfType<PaymentResult.AlreadyPaid>().By.ShouldBe("Ben Okoro");
    }

    [Fact]
    public async Task Nobody_pays_the_own_timesheet()
    {
        var scene = await Scene();
        var own = scene.Anna with { WorkerId = await scene.AddWorker("Anna Lee") };
        var (id, _) = await scene.Add(TimesheetStatus.Approved, workerId: own.WorkerId);

        (await scene.Payments.MarkPaid(own, [id]))[0].Result.ShouldBeOfType<PaymentResult.Invalid>().Message.ShouldContain("your own");
    }

    [Fact]
    public async Task Paid_ones_move_from_the_one_list_to_the_other()
    {
        var scene = await Scene();
        var (newer, older) = (await scene.Add(TimesheetStatus.Approved, submittedHoursAgo: 1), await scene.Add(TimesheetStatus.Approved, submittedHoursAgo: 9));
        await scene.Add();
        (await scene.Payments.Due(scene.Anna, All, 1)).Rows.Select(r => r.Id).ShouldBe([older.Id, newer.Id]);

        await scene.Payments.MarkPaid(scene.Anna, [older.Id]);

        (await scene.Payments.Due(scene.Anna, All, 1)).Rows.ShouldHaveSingleItem().Id.ShouldBe(newer.Id);
        var row = (await scene.Payments.Paid(scene.Anna, All, 1)).Rows.ShouldHaveSingleItem();
        row.Id.ShouldBe(older.Id);
        row.Payment.ShouldNotBeNull().By.ShouldBe("Anna Lee");
        (await scene.Payments.Paid(scene.Stranger, All, 1)).Rows.ShouldBeEmpty();
        (await scene.Payments.Due(scene.Stranger, All, 1)).Rows.ShouldBeEmpty();
    }
}
