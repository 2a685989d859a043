using AngleSharp.Dom;
using Bunit;
using MudBlazor;
using NodaTime;
using Portal.Data.Timesheets;
using Portal.Tests.Support;
using Portal.Web.Timesheets;

namespace Portal.Tests.Timesheets;

public sealed class TimesheetPageTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private WorkerPages pages = null!;
    private IRenderedComponent<TimesheetPage> page = null!;
    private IRenderedComponent<MudDialogProvider> dialogs = null!;

    private WorkerScene Scene => pages.Scene;

    public async ValueTask InitializeAsync() => pages = await WorkerPages.Open(database);

    public ValueTask DisposeAsync() => pages.DisposeAsync();

    [Fact]
    public async Task The_pay_follows_what_is_typed()
    {
        Open(await Scene.Add());
        Pays("Pay for 7 h 30 min £150.00");

        Type("End", "17:00:00");
        Pays("Pay for 8 h 30 min £170.00");
        Shows("1 h later");
        Type("Unpaid break, in minutes", "0");
        Pays("Pay for 9 h £180.00");
        page.Find(".pay").GetAttribute("role").ShouldBe("status");
    }

    [Fact]
    public async Task A_reason_is_asked_for_only_when_the_hours_differ_from_the_plan()
    {
        Open(await Scene.Add());
        page.FindAll("textarea").ShouldBeEmpty();

        Type("Start", "07:45");
        page.WaitForElement("textarea");
        Click("Submit");
        Shows("These are not the planned hours. Say in a few words why.");
        Type("Start", "08:00");
        page.WaitForAssertion(() => page.FindAll("textarea").ShouldBeEmpty());
    }

    [Fact]
    public async Task An_end_before_the_start_is_the_next_day_and_the_box_says_so()
    {
        Open(await Scene.Add());

        Type("End", "07:00");

        page.WaitForAssertion(() => NextDay().HasAttribute("checked").ShouldBeTrue());
        Shows("Ends the next day, Wed 3 Jun");
        NextDay().Change(false);
        Shows("The shift ends before it starts.");
        Value("End").ShouldBe("07:00");
    }

    [Fact]
    public async Task A_shift_of_30_hours_and_a_break_longer_than_the_shift_have_their_messages_and_lose_nothing()
    {
        Open(await Scene.Add());

        Type("End", "14:00");
        NextDay().Change(true);
        Shows("That is a shift of 30 h; one timesheet holds at most 24 h.");
        NextDay().Change(false);
        Type("Unpaid break, in minutes", "400");
        Shows("A break of 6 h 40 min leaves nothing of a shift of 6 h.");
        (Value("End"), Value("Unpaid break, in minutes")).ShouldBe(("14:00", "400"));
    }

    [Fact]
    public async Task On_the_night_the_clocks_go_forward_a_time_that_did_not_exist_is_refused()
    {
        Open(await Scene.Add(plan: new(Instant.FromUtc(2026, 3, 28, 19, 0), Instant.FromUtc(2026, 3, 29, 6, 0), 0)));
        Shows("so 19:00 to 07:00 is 11 h long");

        Type("End", "01:30");

        Shows("01:30 did not exist on Sun 29 Mar 2026");
        Value("End").ShouldBe("01:30");
    }

    [Fact]
    public async Task On_the_night_the_clocks_go_back_it_asks_which_time_is_meant()
    {
        Open(await Scene.Add(plan: new(Instant.FromUtc(2025, 10, 25, 18, 0), Instant.FromUtc(2025, 10, 26, 7, 0), 0)));

        Type("End", "01:30");
        Shows("The end, 01:30, came twice that night. Which one?");
        page.FindAll("input[type=radio]")[1].Click();

        Pays("Pay for 7 h 30 min £150.00");
    }

    [Fact]
    public async Task Submitting_asks_with_the_totals_and_a_double_click_submits_once()
    {
        var id = await Scene.Add();
        Open(id);

        Click("Submit");
        dialogs.WaitForAssertion(() => dialogs.Markup.ShouldContain("£150.00"));
        // The browser may have sent the second click before it learnt of the first one's effect.
        var confirmed = page.FindComponent<SubmitDialog>().Instance.Confirmed;
        await page.InvokeAsync(() => Task.WhenAll(confirmed.InvokeAsync(), confirmed.InvokeAsync()));

        Shows("and you find the answer here.");
        page.FindAll("input").ShouldBeEmpty();
        (await Scene.Get(id)).History.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_draft_is_saved_and_said_to_be()
    {
        var id = await Scene.Add();
        Open(id);

        Type("End", "16:30");
        Click("Save draft");

        Shows("Saved as a draft.");
        (await Scene.Get(id)).Claimed?.Worked.ShouldBe(Duration.FromHours(8));
        Shows("end 30 min later");
    }

    [Fact]
    public async Task An_overlap_leads_to_the_other_entry()
    {
        var other = await Scene.Add();
        Open(await Scene.Add(plan: new(HoursAfter(1), HoursAfter(4), 0)));

        Type("Start", "15:00");
        Click("Save draft");

        Shows("You already have an entry for this time");
        page.FindAll("a").ShouldContain(a => a.GetAttribute("href") == $"/timesheets/{other}");
        Value("Start").ShouldBe("15:00");
    }

    [Fact]
    public async Task The_second_editor_is_told_and_may_keep_what_was_typed()
    {
        var id = await Scene.Add();
        Open(id);
        Type("End", "18:00");
        var elsewhere = await Scene.Get(id);
        await Scene.Service.SaveDraftAsync(
            Scene.Wendy with { Name = "Wendy on her phone" }, id, elsewhere.Version, await Scene.Entry(id) with { End = new(17, 0) });

        Click("Save draft");
        page.WaitForAssertion(() => page.Find(".conflict").TextContent.ShouldContain("Changed the hours by Wendy on her phone"));
        page.Find(".conflict").TextContent.ShouldContain("08:00–17:00");
        page.Find(".conflict").TextContent.ShouldContain("08:00–18:00");
        Click("Keep what I typed");
        Value("End").ShouldBe("18:00");
        Click("Save draft");

        Shows("Saved as a draft.");
        (await Scene.Get(id)).Claimed?.Worked.ShouldBe(Duration.FromMinutes(570));
    }

    [Fact]
    public async Task The_second_editor_may_take_what_is_there_now()
    {
        var id = await Scene.Add();
        Open(id);
        Type("End", "18:00");
        await Scene.Service.SaveDraftAsync(Scene.Wendy, id, (await Scene.Get(id)).Version, await Scene.Entry(id) with { End = new(17, 0) });

        Click("Save draft");
        page.WaitForElement(".conflict");
        Click("Use it as it is now");

        page.WaitForAssertion(() => Value("End").ShouldBe("17:00"));
        page.FindAll(".conflict").ShouldBeEmpty();
    }

    [Fact]
    public async Task One_approved_meanwhile_shows_so_and_what_had_been_typed()
    {
        var id = await Scene.Add();
        Open(id);
        Type("End", "18:00");
        await Scene.Decide(id, TimesheetStatus.Approved);

        Click("Save draft");

        Shows("can no longer be changed");
        Shows("What you had typed: 08:00–18:00");
    }

    [Fact]
    public async Task A_session_that_ended_while_editing_keeps_what_was_typed_and_asks_to_sign_in()
    {
        var id = await Scene.Add();
        Open(id);
        Type("End", "18:00");
        await pages.DisableAccount();

        Click("Save draft");

        page.WaitForAssertion(() => pages.Navigation.Uri.ShouldContain("/account/sign-in"));
        pages.Drafts.Invocations["save"][^1].Arguments[1].ShouldBeOfType<string>().ShouldContain("18:00");
        (await Scene.Get(id)).Claimed.ShouldBe(WorkerScene.EightToFour);
    }

    [Fact]
    public async Task What_was_typed_before_the_session_ended_is_there_again()
    {
        var id = await Scene.Add();
        Open(id);
        Type("End", "18:00");
        page.WaitForAssertion(() => pages.Drafts.Invocations["save"].ShouldNotBeEmpty());
        var kept = pages.Drafts.Invocations["save"][^1].Arguments[1].ShouldBeOfType<string>();
        pages.Drafts.Setup<string?>("take", _ => true).SetResult(kept);

        Open(id);

        Value("End").ShouldBe("18:00");
        Shows("We kept what you typed here before.");
        page.FindAll(".conflict").ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_hospital_answered_stands_above_the_form()
    {
        var id = await Scene.Add(TimesheetStatus.Submitted);
        await Scene.Decide(id, TimesheetStatus.Rejected, "You left at 15:30.");

        Open(id);

        Shows("rejected this timesheet");
        page.Find("blockquote").TextContent.ShouldBe("“You left at 15:30.”");
        page.FindAll("button").ShouldContain(b => b.TextContent.Trim() == "Submit again");
    }

    [Fact]
    public async Task A_shift_still_to_come_offers_no_submitting()
    {
        Scene.Time.AdjustTime(WorkerScene.Eight.ToDateTimeOffset());
        Open(await Scene.Add());

        page.FindAll("button").ShouldNotContain(b => b.TextContent.Trim() == "Submit");
        Shows("You can submit this timesheet after the shift");
    }

    [Fact]
    public async Task A_paid_one_is_only_shown()
    {
        Open(await Scene.Add(TimesheetStatus.Approved, paid: true));

        Shows("Paid: £150.00");
        page.FindAll("input, textarea").ShouldBeEmpty();
    }

    [Fact]
    public async Task Anothers_timesheet_and_one_that_does_not_exist_are_not_found_alike()
    {
        var notFound = 0;
        pages.Navigation.OnNotFound += (_, _) => notFound++;

        foreach (var id in new[] { await Scene.Add(of: Scene.Oscar), long.MaxValue })
        {
            var before = notFound;
            (page, dialogs) = pages.Show<TimesheetPage>(p => p.Add(t => t.Id, id));
            page.WaitForAssertion(() => notFound.ShouldBe(before + 1));
            page.FindAll(".parts").ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Every_input_has_a_label()
    {
        Open(await Scene.Add());
        Type("End", "18:00");

        foreach (var input in page.FindAll("input, textarea"))
        {
            (page.FindAll($"label[for='{input.Id}']").Count > 0 || input.Closest("label") is not null).ShouldBeTrue(input.OuterHtml);
        }
    }

    /// <summary>So many hours after the first shift's end.</summary>
    private static Instant HoursAfter(int hours) => WorkerScene.EightToFour.End + Duration.FromHours(hours);

    private void Open(long id)
    {
        (page, dialogs) = pages.Show<TimesheetPage>(p => p.Add(t => t.Id, id));
        page.WaitForElement(".parts");
    }

    private IElement Input(string label) =>
        page.Find($"#{page.FindAll("label").Single(l => l.TextContent.Trim() == label).GetAttribute("for")}");

    private string? Value(string label) => Input(label).GetAttribute("value");

    private void Type(string label, string value) => Input(label).Input(value);

    private IElement NextDay() => page.Find("input[type=checkbox]");

    private void Click(string button) => page.FindAll("button").Single(b => b.TextContent.Trim() == button).Click();

    private void Shows(string text) => page.WaitForAssertion(() => page.Markup.ShouldContain(text));

    private void Pays(string text) => page.WaitForAssertion(() =>
        string.Join(' ', page.Find(".pay").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ShouldBe(text));
}
