using Bunit;
using Portal.Data.Approvals;
using Portal.Data.Timesheets;
using Portal.Tests.Support;
using Page = Portal.Web.Approvals.Approvals;

namespace Portal.Tests.Approvals;

public sealed class ApprovalsTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task Each_row_says_in_words_how_the_claim_differs()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        await browser.Scene.Add(worker: "Pia Planned", submittedHoursAgo: 9);
        await browser.Scene.Add(worker: "Mo More", endsLater: 90, reason: "Emergency at the end", submittedHoursAgo: 8);
        await browser.Scene.Add(worker: "Les Less", endsLater: -45, submittedHoursAgo: 7);
        await browser.Scene.Add(worker: "Maya Moved", startsLater: 15, endsLater: 15, submittedHoursAgo: 6);

        browser.Open<Page>("approvals");

        browser.See("Maya Moved");
        var rows = browser.Screen.FindAll("tr.row").Select(r => r.TextContent).ToList();
        rows.Count.ShouldBe(4);
        rows[0].ShouldContain("As planned");
        rows[1].ShouldContain("+1 h 30 min, +£30.00");
        rows[1].ShouldContain("Emergency at the end");
        rows[2].ShouldContain("−45 min, −£15.00");
        rows[3].ShouldContain("Same length, other times");
    }

    [Fact]
    public async Task An_empty_queue_says_so()
    {
        await using var browser = await StaffBrowser.SignIn(database);

        browser.Open<Page>("approvals");

        browser.See("Nothing waits for you");
    }

    [Fact]
    public async Task An_approved_row_leaves_the_list_with_a_word()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        var (id, _) = await browser.Scene.Add();
        browser.Open<Page>("approvals");

        browser.Press("Approve Wendy Worker, Mon 1 Jun");

        browser.See("Approved: Wendy Worker, Mon 1 Jun, £150.00.");
        browser.See("Nothing waits for you");
        (await browser.Scene.Status(id)).ShouldBe(TimesheetStatus.Approved);
        (await browser.Scene.History(id, TimesheetAction.Approved)).ShouldHaveSingleItem().AccountName.ShouldBe("Anna Lee");
    }

    [Fact]
    public async Task Who_was_slower_is_told_who_decided()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        var (id, version) = await browser.Scene.Add();
        browser.Open<Page>("approvals");
        browser.See("Wendy Worker");
        await browser.Scene.Approvals.Reject(browser.Scene.Ben, id, version, "The ward closed at four.");

        browser.Press("Approve Wendy Worker, Mon 1 Jun");

        browser.See("Wendy Worker, Mon 1 Jun: Ben Okoro already rejected it on Wed 10 Jun 2026, 13:00: “The ward closed at four.”. Nothing was changed.");
        browser.See("Nothing waits for you");
    }

    [Fact]
    public async Task Only_what_is_as_planned_can_be_approved_together()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        var (first, second, amended) = (await browser.Scene.Add(), await browser.Scene.Add(), await browser.Scene.Add(endsLater: 30));
        browser.Open<Page>("approvals");
        browser.See("Wendy Worker");
        browser.Screen.FindAll("tbody input[type=checkbox]").Count.ShouldBe(2);

        await browser.Screen.Find("thead input[type=checkbox]").ChangeAsync(new() { Value = true });
        browser.Press("Approve 2…");
        browser.See("All are as planned. £300.00 in all becomes due.");
        browser.Press("Approve 2");

        browser.See("Approved: 2 timesheets, £300.00 in all.");
        (await browser.Scene.Status(first.Id)).ShouldBe(TimesheetStatus.Approved);
        (await browser.Scene.Status(second.Id)).ShouldBe(TimesheetStatus.Approved);
        (await browser.Scene.Status(amended.Id)).ShouldBe(TimesheetStatus.Submitted);
    }

    [Fact]
    public async Task What_is_paid_moves_to_the_decided_ones()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        var (id, version) = await browser.Scene.Add();
        await browser.Scene.Approvals.Approve(browser.Scene.Ben, id, version);
        browser.Open<Page>("approvals?tab=pay");

        browser.Press("Mark as paid: Wendy Worker, Mon 1 Jun");
        browser.See("£150.00 in all is recorded as paid today. This cannot be taken back.");
        browser.Press("Mark as paid");

        browser.See("Nothing to pay");
        (await browser.Scene.PaymentsOf(id)).ShouldHaveSingleItem().Amount.ShouldBe(150);
        browser.Follow("approvals?tab=decided");
        browser.See("by you");
    }

    [Fact]
    public async Task What_is_searched_for_stands_in_the_address()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        await browser.Scene.Add(worker: "Shay O'Neill");
        await browser.Scene.Add(worker: "Rosa Diaz");
        browser.Open<Page>("approvals");
        browser.See("Rosa Diaz");

        await browser.Screen.Find("input[type=text]").InputAsync(new() { Value = "o'n" });

        browser.SeeNoLonger("Rosa Diaz");
        browser.Address.ShouldEndWith("approvals?worker=o%27n");
        browser.See("Shay O'Neill");
    }

    [Fact]
    public async Task An_address_that_cannot_be_read_shows_the_queue()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        await browser.Scene.Add();

        browser.Open<Page>("approvals?tab=7&page=x&hospital=abc&hours=sometimes&outcome=1");

        browser.See("Wendy Worker");
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_told_in_plain_words_with_another_try()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        browser.LoseTheDatabase();

        browser.Open<Page>("approvals");

        browser.See("The timesheets could not be loaded");
        browser.Text.ShouldNotContain("secret detail");
        browser.Has("Try again").ShouldBeTrue();
    }

    [Fact]
    public async Task Who_is_signed_out_meanwhile_is_sent_to_sign_in_and_back()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        var (id, _) = await browser.Scene.Add();
        browser.Open<Page>("approvals?hours=asplanned");
        browser.See("Wendy Worker");
        await browser.DisableAccount();

        browser.Press("Approve Wendy Worker, Mon 1 Jun");

        browser.WaitUntilSentTo("/account/sign-in?returnUrl=%2Fapprovals%3Fhours%3Dasplanned");
        (await browser.Scene.Status(id)).ShouldBe(TimesheetStatus.Submitted);
    }
}
