using Bunit;
using Microsoft.AspNetCore.Components;
using NodaTime;
using Portal.Data.Timesheets;
using Portal.Tests.Support;
using Portal.Web.Timesheets;

namespace Portal.Tests.Timesheets;

/// <summary>What becomes of a timesheet that is saved, submitted, or already decided on.</summary>
public sealed class TimesheetPageTests(DatabaseFixture database) : TimesheetPageScene(database)
{
    [Fact]
    public async Task Submitting_asks_with_the_totals_and_a_double_click_submits_once()
    {
        var id = await Scene.Add();
        Open(id);

        await Click("Submit");
        Dialogs.WaitForAssertion(() => Dialogs.Markup.ShouldContain("£150.00"));
        // The browser may have sent the second click before it learnt of the first one's effect.
        var confirmed = Page.FindComponent<SubmitDialog>().Instance.Confirmed;
        await Page.InvokeAsync(() => Task.WhenAll(confirmed.InvokeAsync(), confirmed.InvokeAsync()));

        Shows("and you find the answer here.");
        Page.FindAll("input").ShouldBeEmpty();
        (await Scene.Get(id)).History.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_draft_is_saved_and_said_to_be()
    {
        var id = await Scene.Add();
        Open(id);

        await Type("End", "16:30");
        await Click("Save draft");

        Shows("Saved as a draft.");
        (await Scene.Get(id)).Claimed?.Worked.ShouldBe(Duration.FromHours(8));
        Shows("end 30 min later");
    }

    [Fact]
    public async Task An_overlap_leads_to_the_other_entry()
    {
        var other = await Scene.Add();
        Open(await Scene.Add(plan: new(HoursAfter(1), HoursAfter(4), 0)));

        await Type("Start", "15:00");
        await Click("Save draft");

        Shows("You already have an entry for this time");
        Page.FindAll("a").ShouldContain(a => a.GetAttribute("href") == $"/timesheets/{other}");
        Value("Start").ShouldBe("15:00");
    }

    [Fact]
    public async Task The_second_editor_is_told_and_may_keep_what_was_typed()
    {
        var id = await Scene.Add();
        Open(id);
        await Type("End", "18:00");
        var elsewhere = await Scene.Get(id);
        await Scene.Service.SaveDraftAsync(
            Scene.Wendy with { Name = "Wendy on her phone" }, id, elsewhere.Version, await Scene.Entry(id) with { End = new(17, 0) });

        await Click("Save draft");
        Page.WaitForAssertion(() => Page.Find(".conflict").TextContent.ShouldContain("Changed the hours by Wendy on her phone"));
        Page.Find(".conflict").TextContent.ShouldContain("08:00–17:00");
        Page.Find(".conflict").TextContent.ShouldContain("08:00–18:00");
        await Click("Keep what I typed");
        Value("End").ShouldBe("18:00");
        await Click("Save draft");

        Shows("Saved as a draft.");
        (await Scene.Get(id)).Claimed?.Worked.ShouldBe(Duration.FromMinutes(570));
    }

    [Fact]
    public async Task The_second_editor_may_take_what_is_there_now()
    {
        var id = await Scene.Add();
        Open(id);
        await Type("End", "18:00");
        await Scene.Service.SaveDraftAsync(Scene.Wendy, id, (await Scene.Get(id)).Version, await Scene.Entry(id) with { End = new(17, 0) });

        await Click("Save draft");
        Page.WaitForElement(".conflict");
        await Click("Use it as it is now");

        Page.WaitForAssertion(() => Value("End").ShouldBe("17:00"));
        Page.FindAll(".conflict").ShouldBeEmpty();
    }

    [Fact]
    public async Task One_approved_meanwhile_shows_so_and_what_had_been_typed()
    {
        var id = await Scene.Add();
        Open(id);
        await Type("End", "18:00");
        await Scene.Decide(id, TimesheetStatus.Approved);

        await Click("Save draft");

        Shows("can no longer be changed");
        Shows("What you had typed: 08:00–18:00");
    }

    [Fact]
    public async Task A_session_that_ended_while_editing_keeps_what_was_typed_and_asks_to_sign_in()
    {
        var id = await Scene.Add();
        Open(id);
        await Type("End", "18:00");
        await Pages.DisableAccount();

        await Click("Save draft");

        Page.WaitForAssertion(() => Pages.Navigation.Uri.ShouldContain("/account/sign-in"));
        Pages.Drafts.Invocations["save"][^1].Arguments[1].ShouldBeOfType<string>().ShouldContain("18:00");
        (await Scene.Get(id)).Claimed.ShouldBe(WorkerScene.EightToFour);
    }

    [Fact]
    public async Task What_was_typed_before_the_session_ended_is_there_again()
    {
        var id = await Scene.Add();
        Open(id);
        await Type("End", "18:00");
        Page.WaitForAssertion(() => Pages.Drafts.Invocations["save"].ShouldNotBeEmpty());
        var kept = Pages.Drafts.Invocations["save"][^1].Arguments[1].ShouldBeOfType<string>();
        Pages.Drafts.Setup<string?>("take", _ => true).SetResult(kept);

        Open(id);

        Value("End").ShouldBe("18:00");
        Shows("We kept what you typed here before.");
        Page.FindAll(".conflict").ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_hospital_answered_stands_above_the_form()
    {
        var id = await Scene.Add(TimesheetStatus.Submitted);
        await Scene.Decide(id, TimesheetStatus.Rejected, "You left at 15:30.");

        Open(id);

        Shows("rejected this timesheet");
        Page.Find("blockquote").TextContent.ShouldBe("“You left at 15:30.”");
        Page.FindAll("button").ShouldContain(b => b.TextContent.Trim() == "Submit again");
    }

    [Fact]
    public async Task A_shift_still_to_come_offers_no_submitting()
    {
        Scene.Time.AdjustTime(WorkerScene.Eight.ToDateTimeOffset());
        Open(await Scene.Add());

        Page.FindAll("button").ShouldNotContain(b => b.TextContent.Trim() == "Submit");
        Shows("You can submit this timesheet after the shift");
    }

    [Fact]
    public async Task A_paid_one_is_only_shown()
    {
        Open(await Scene.Add(TimesheetStatus.Approved, paid: true));

        Shows("Paid: £150.00");
        Page.FindAll("input, textarea").ShouldBeEmpty();
    }

    [Fact]
    public async Task Anothers_timesheet_and_one_that_does_not_exist_are_not_found_alike()
    {
        var notFound = 0;
        Pages.Navigation.OnNotFound += (_, _) => notFound++;

        foreach (var id in new[] { await Scene.Add(of: Scene.Oscar), long.MaxValue })
        {
            var before = notFound;
            Show(id);
            Page.WaitForAssertion(() => notFound.ShouldBe(before + 1));
            Page.FindAll(".parts").ShouldBeEmpty();
        }
    }

    /// <summary>So many hours after the first shift's end.</summary>
    private static Instant HoursAfter(int hours) => WorkerScene.EightToFour.End + Duration.FromHours(hours);
}
