using Bunit;
using Portal.Data.Timesheets;
using Portal.Tests.Support;
using Page = Portal.Web.Approvals.Approval;

namespace Portal.Tests.Approvals;

public sealed class ApprovalTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task Planned_and_claimed_stand_side_by_side_with_reason_and_history()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        var (id, _) = await browser.Scene.Add(endsLater: 90, reason: "Emergency at the end");

        Open(browser, id);

        browser.See("+1 h 30 min, +£30.00");
        browser.See("Emergency at the end");
        browser.See("£180.00");
        browser.Screen.Find(".history").TextContent.ShouldContain("Submitted");
        browser.Has("Approve £180.00").ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_hospitals_timesheet_looks_like_one_that_does_not_exist(bool exists)
    {
        await using var browser = await StaffBrowser.SignIn(database);
        var id = exists ? (await browser.Scene.Add(hospital: browser.Scene.OtherHospital)).Id : long.MaxValue;

        Open(browser, id);

        browser.See("There is no such timesheet in your hospitals");
        browser.Text.ShouldNotContain("Wendy");
    }

    [Fact]
    public async Task Approved_and_paid_on_one_page_and_on_to_the_next()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        var (id, _) = await browser.Scene.Add(submittedHoursAgo: 9);
        var next = await browser.Scene.Add(submittedHoursAgo: 8);
        Open(browser, id);

        browser.Press("Approve £150.00");
        browser.See("Approved on Wed 10 Jun 2026, 13:00 by you. Not paid yet.");
        browser.Press("Mark £150.00 as paid");
        browser.Press("Mark as paid");

        browser.See("£150.00 paid on Wed 10 Jun 2026, 13:00 by you.");
        (await browser.Scene.Status(id)).ShouldBe(TimesheetStatus.Approved);
        (await browser.Scene.PaymentsOf(id)).ShouldHaveSingleItem();
        browser.Screen.FindAll("a.mud-button-root").Single(a => a.TextContent.Contains("Next timesheet", StringComparison.Ordinal))
            .GetAttribute("href").ShouldBe($"approvals/{next.Id}");
    }

    [Fact]
    public async Task A_colleagues_decision_is_told_and_shown()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        var (id, version) = await browser.Scene.Add();
        Open(browser, id);
        browser.See("Waits since");
        await browser.Scene.Approvals.Approve(browser.Scene.Ben, id, version);

        browser.Press("Approve £150.00");

        browser.See("Ben Okoro already approved it on Wed 10 Jun 2026, 13:00. Nothing was changed.");
        browser.See("Approved on Wed 10 Jun 2026, 13:00 by Ben Okoro. Not paid yet.");
        browser.Has("Approve £150.00").ShouldBeFalse();
    }

    private static void Open(StaffBrowser browser, long id) => browser.Open<Page>($"approvals/{id}", ("Id", id));
}
