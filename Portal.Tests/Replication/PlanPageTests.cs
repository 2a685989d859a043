using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using PlanPage = Portal.Web.Replication.Planning.Plan;

namespace Portal.Tests.Replication;

/// <summary>The page of the plan, as an admin uses it.</summary>
public sealed class PlanPageTests
{
    [Fact]
    public async Task It_shows_every_step_with_its_conditions_and_how_to_undo_it()
    {
        await using var pages = await ReplicationPages.CreateAsync();

        var page = await OpenAsync(pages);

        page.FindAll(".step h2").Select(h => h.TextContent.Trim()).ShouldBe(["1 Prepare", "2 Backfill", "3 Move writers", "4 Move readers", "5 Freeze", "6 Retire"]);
        page.FindAll(".step").ShouldAllBe(s => s.QuerySelectorAll(".conditions li").Length >= 3 && s.TextContent.Contains("undo", StringComparison.OrdinalIgnoreCase));
        page.Markup.ShouldContain("12 old = 12 new + 0 in quarantine + 0 left out");
        Buttons(page, "Take").ShouldHaveSingleItem();
        Buttons(page, "Undo").ShouldBeEmpty();
        page.Markup.ShouldContain("What these figures cannot see");
    }

    [Fact]
    public async Task A_step_that_holds_is_taken_after_a_question_and_can_be_undone_for_a_reason()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("select replication.take_step('prepare', 'Before', 'test', '[]')");
        var page = await OpenAsync(pages);

        var pressed = page.InvokeAsync(() => Buttons(page, "Take “Backfill”").Single().ClickAsync());
        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.Markup.ShouldContain("Your name is noted"));
        await pages.Dialogues.InvokeAsync(() => Buttons(pages.Dialogues, "Take it").Single().ClickAsync());
        await pressed;

        await page.WaitForAssertionAsync(() => page.Find(".next h2").TextContent.ShouldContain("Move writers"));
        (await pages.Scene.NewAsync<string>("select taken_by from replication.plan_step where step = 'backfill'")).ShouldBe(pages.Admin);

        var undone = page.InvokeAsync(() => Buttons(page, "Undo “Backfill”").Single().ClickAsync());
        await TriggersTests.Confirm(pages, "Undo it", "Too early.");
        await undone;
        await page.WaitForAssertionAsync(() => page.Find(".next h2").TextContent.ShouldContain("Backfill"));
    }

    [Fact]
    public async Task A_step_that_does_not_hold_says_what_is_missing_and_takes_a_reason()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.OldAsync("alter table timesheet_old disable trigger portal_guard_before_delete");
        var page = await OpenAsync(pages);

        var pressed = page.InvokeAsync(() => Buttons(page, "Take “Prepare” all the same").Single().ClickAsync());
        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.Markup.ShouldContain("portal_guard_before_delete on public.timesheet_old is missing or switched off"));
        await TriggersTests.Confirm(pages, "Take it all the same", "The DBA is at it.");
        await pressed;

        await page.WaitForAssertionAsync(() => page.Find(".taken").TextContent.ShouldContain("“The DBA is at it.”"));
    }

    [Theory]
    [InlineData("true", ": “Agreed.”")]
    [InlineData("false", ", though not all conditions held: “Agreed.”")]
    public async Task A_reason_is_shown_with_its_step_whether_the_conditions_held_or_not(string held, string said)
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync($$"""select replication.take_step('prepare', 'Ada', 'Agreed.', '[{"condition": "All is there", "figure": "yes", "holds": {{held}}}]')""");

        var page = await OpenAsync(pages);

        page.Find(".taken .note").TextContent.ShouldEndWith($"UTC{said}");
    }

    [Fact]
    public async Task The_second_admin_is_told_that_the_first_was_quicker()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.OldAsync("alter table timesheet_old disable trigger portal_guard_before_delete");
        var page = await OpenAsync(pages);
        await pages.Scene.NewAsync("select replication.take_step('prepare', 'Another Admin', 'I was quicker.', '[]')");

        var pressed = page.InvokeAsync(() => Buttons(page, "Take “Prepare” all the same").Single().ClickAsync());
        await TriggersTests.Confirm(pages, "Take it all the same", "Me too.");
        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.Markup.ShouldContain("Another Admin has already taken “Prepare”"));
        await pages.Dialogues.InvokeAsync(() => Buttons(pages.Dialogues, "Cancel").Single().ClickAsync());
        await pressed;

        await page.WaitForAssertionAsync(() => page.Find(".taken").TextContent.ShouldContain("I was quicker."));
    }

    [Fact]
    public async Task Retiring_takes_the_servers_name_and_then_the_page_proves_that_nothing_is_left()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        foreach (var step in (string[])["prepare", "backfill", "move_writers", "move_readers", "freeze"])
        {
            await pages.Scene.NewAsync($"select replication.take_step('{step}', 'Before', 'test', '[]')");
        }

        var page = await OpenAsync(pages);

        var pressed = page.InvokeAsync(() => Buttons(page, "Take “Retire” all the same").Single().ClickAsync());
        await TriggersTests.Confirm(pages, "Retire for good", "Nobody needs it.");
        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.Markup.ShouldContain("type the name of the foreign server"));
        await pages.Dialogues.InvokeAsync(() => pages.Dialogues.Find("input").InputAsync(new ChangeEventArgs { Value = "timesheet_old_server" }));
        await pages.Dialogues.InvokeAsync(() => Buttons(pages.Dialogues, "Retire for good").Single().ClickAsync());
        await pressed;

        await page.WaitForAssertionAsync(() => page.Find(".verdict").TextContent.ShouldContain("None is there."));
        Buttons(page, "Undo").ShouldBeEmpty();
        Buttons(page, "Take").ShouldBeEmpty();
        page.Markup.ShouldNotContain("Undoing it");
    }

    [Fact]
    public async Task Writers_and_readers_are_listed_and_can_be_dealt_with()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await using (var payroll = await pages.Scene.LegacyAsync("payroll"))
        {
            await payroll.DoAsync("update timesheet_old set hours_worked = 1 where id < 3");
        }

        await pages.Scene.NewAsync("select replication.note_sample('[{\"application\": \"reports\", \"role\": \"bi\", \"address\": \"10.0.0.7\"}]', '[]', 0, true)");
        var page = await OpenAsync(pages);
        page.FindAll("section").Single(s => s.TextContent.Contains("Who still writes", StringComparison.Ordinal)).QuerySelector("tbody tr").ShouldNotBeNull()
            .TextContent.ShouldContain("payroll");

        var marked = page.InvokeAsync(() => Buttons(page, "Has moved on").Single().ClickAsync());
        await TriggersTests.Confirm(pages, "It has moved on", "Asks the new service now.");
        await marked;
        await page.WaitForAssertionAsync(() => page.Markup.ShouldContain("Asks the new service now."));

        var refused = page.InvokeAsync(() => Buttons(page, "Refuse writes of others").Single().ClickAsync());
        await TriggersTests.Confirm(pages, "Refuse them", "Payroll should have moved.");
        await refused;
        await page.WaitForAssertionAsync(() => Buttons(page, "Let writes of others pass").ShouldHaveSingleItem());
        (await pages.Scene.OldAsync<string>("select mode || ' by ' || changed_by from portal_replication.guard")).ShouldBe($"refuse by {pages.Admin}");
        (await pages.Scene.NewAsync<string>("select reason from replication.audit where action = 'guard'")).ShouldBe("Payroll should have moved.");
    }

    [Fact]
    public async Task Of_many_readers_a_page_is_shown_and_each_button_says_whom_it_is_about()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("""
            insert into replication.reader (application, role, address, last_seen)
            select 'job ' || n, 'bi', '10.0.0.7', now() - n * interval '1 minute' from generate_series(1, 30) n;
            update replication.reader set moved_on_at = now() where application = 'job 1'
            """);
        var page = await OpenAsync(pages);
        Who(page).ShouldBe(Enumerable.Range(2, 25).Select(n => $"job {n}"));
        page.FindAll("td button").First(b => b.TextContent.Contains("Has moved on")).GetAttribute("aria-label").ShouldBe("Has moved on: job 2 as bi from 10.0.0.7");
        page.Markup.ShouldContain("1 of 30 have; job 2 (bi) has not");

        var next = page.FindAll("nav a").Single(a => a.TextContent.Contains("Next page")).GetAttribute("href").ShouldNotBeNull();
        page = await OpenAsync(pages, next);

        Who(page).ShouldBe(["job 27", "job 28", "job 29", "job 30", "job 1"]);
        page.Markup.ShouldContain("1 of 30 have; job 2 (bi) has not");
        page.FindAll("td button")[^1].GetAttribute("aria-label").ShouldBe("Not after all: job 1 as bi from 10.0.0.7");

        static IEnumerable<string> Who(IRenderedComponent<PlanPage> page) => page.FindAll("td.who").Select(w => w.TextContent.Trim());
    }

    [Fact]
    public async Task An_old_database_that_is_away_keeps_no_one_from_seeing_the_plan()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        pages.Scene.Link.Stop();

        var page = await OpenAsync(pages);

        page.Find("[role=alert]").TextContent.ShouldContain("The old database cannot be reached.");
        page.Find(".next").TextContent.ShouldContain("the old database does not answer");
    }

    private static async Task<IRenderedComponent<PlanPage>> OpenAsync(ReplicationPages pages, string address = "replication/plan")
    {
        var page = pages.Open<PlanPage>(address);
        await page.WaitForAssertionAsync(() => page.FindAll(".step").Count.ShouldBe(6));
        return page;
    }

    private static IEnumerable<IElement> Buttons<T>(IRenderedComponent<T> where, string text)
        where T : IComponent => where.FindAll("button").Where(b => b.TextContent.Trim().StartsWith(text, StringComparison.Ordinal));
}
