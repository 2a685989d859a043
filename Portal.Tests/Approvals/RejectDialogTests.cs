using Bunit;
using Portal.Data.Timesheets;
using Portal.Tests.Support;
using Page = Portal.Web.Approvals.Approvals;

namespace Portal.Tests.Approvals;

public sealed class RejectDialogTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>
{
    private const string Reason = "Please claim until four only.";

    [Fact]
    public async Task A_reason_is_asked_for_and_kept_with_the_rejection()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        var (id, _) = await browser.Scene.Add();
        Open(browser);

        browser.Press("Reject");
        browser.See("Say why, so that the worker knows what to change.");
        (await browser.Scene.Status(id)).ShouldBe(TimesheetStatus.Submitted);
        await Type(browser, Reason);
        browser.Press("Reject");

        browser.See("Rejected: Wendy Worker, Mon 1 Jun. The worker sees your reason.");
        browser.See("Nothing waits for you");
        (await browser.Scene.History(id, TimesheetAction.Rejected)).ShouldHaveSingleItem().Reason.ShouldBe(Reason);
    }

    [Fact]
    public async Task Hours_changed_meanwhile_are_shown_and_the_reason_stays()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        var (id, version) = await browser.Scene.Add();
        Open(browser);
        await Type(browser, Reason);
        await browser.Scene.Approvals.Reject(browser.Scene.Ben, id, version, "Please add the handover.");
        await browser.Scene.AmendAndSubmit(id, endsLater: 45);

        browser.Press("Reject");

        browser.See("Wendy Worker changed the hours on Wed 10 Jun 2026, 13:00, from 08:00–16:00 with a break of 30 min to 08:00–16:45 with a break of 30 min.");
        browser.See("+45 min, +£15.00");
        Typed(browser).ShouldBe(Reason);
        browser.Press("Reject the new hours");
        browser.See("Nothing waits for you");
        (await browser.Scene.History(id, TimesheetAction.Rejected))[^1].Reason.ShouldBe(Reason);
    }

    [Fact]
    public async Task A_colleagues_decision_is_told_and_the_reason_stays_to_be_copied()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        var (id, version) = await browser.Scene.Add();
        Open(browser);
        await Type(browser, Reason);
        await browser.Scene.Approvals.Approve(browser.Scene.Ben, id, version);

        browser.Press("Reject");

        browser.See("Ben Okoro already approved it on Wed 10 Jun 2026, 13:00. Nothing was changed.");
        Typed(browser).ShouldBe(Reason);
        browser.Has("Reject").ShouldBeFalse();
        browser.Press("Close");
        browser.See("Nothing waits for you");
    }

    [Fact]
    public async Task What_was_typed_waits_in_the_browser_when_the_session_has_ended()
    {
        await using var browser = await StaffBrowser.SignIn(database);
        var (id, _) = await browser.Scene.Add();
        Open(browser);
        await Type(browser, Reason);
        await browser.DisableAccount();

        browser.Press("Reject");

        browser.WaitUntilSentTo("/account/sign-in?returnUrl=%2Fapprovals");
        browser.JSInterop.Invocations["save"].Select(i => i.Arguments[^1]).ShouldContain(Reason);
        (await browser.Scene.Status(id)).ShouldBe(TimesheetStatus.Submitted);
    }

    private static void Open(StaffBrowser browser)
    {
        browser.Open<Page>("approvals");
        browser.Press("Reject Wendy Worker, Mon 1 Jun…");
        browser.See("Reject Wendy Worker, Mon 1 Jun?");
    }

    private static Task Type(StaffBrowser browser, string reason) => browser.Screen.Find("textarea").InputAsync(new() { Value = reason });

    private static string? Typed(StaffBrowser browser) => browser.Screen.Find("textarea").GetAttribute("value");
}
