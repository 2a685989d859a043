using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Web.Replication;
using BackfillPage = Portal.Web.Replication.Backfill;

namespace Portal.Tests.Replication;

public sealed class QuarantineRowsTests
{
    private const string Row = "article[aria-label='Old row 6']";

    [Fact]
    public async Task Each_row_is_decided_by_itself_and_can_be_decided_anew_until_it_is_taken_over()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = await OpenAsync(pages);

        await PressAsync(page, "article[aria-label='Old row 6']", "The flag is right");
        await DecisionsAsync(page, pages, "take_flag|");
        Note(page, 6).ShouldBe("Alex Moreno has decided: the flag is right. It is taken over with the next run. It can be decided anew:");
        await PressAsync(page, "article[aria-label='Old row 7']", "Leave out");
        await DecisionsAsync(page, pages, "take_flag|skip");
        Note(page, 7).ShouldBe("Left out by Alex Moreno. It can be decided anew:");
        await PressAsync(page, "article[aria-label='Old row 7']", "The status is right");
        await DecisionsAsync(page, pages, "take_flag|take_status");
        await PressAsync(page, ".quarantine", "Take over 2 rows");

        await page.WaitForAssertionAsync(() => page.Markup.ShouldContain("12 in the old database = 12 taken over + 0 in quarantine"));
        (await pages.Scene.NewAsync<string>("select string_agg(status, ' ' order by id) from timesheet_new where id in (6, 7)")).ShouldBe("submitted approved");
        await page.WaitForAssertionAsync(() => Note(page, 6).ShouldBe("Taken over as Alex Moreno has decided: the flag is right."));
    }

    [Fact]
    public async Task What_is_being_typed_outlives_a_refresh_that_fails_and_the_page_says_how_old_it_is()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = await OpenAsync(pages);
        await TypeAsync(page, "approved?");

        var port = pages.Scene.Link.Port;
        pages.Scene.Link.Stop();
        pages.Time.Advance(TimeSpan.FromSeconds(2));
        await page.WaitForAssertionAsync(() => page.Find("[role=alert]").TextContent.ShouldContain("What is below is as it was at"));
        Typed(page).ShouldBe("approved?");

        pages.Scene.Link.Start(port);
        pages.Time.Advance(TimeSpan.FromSeconds(2));
        await page.WaitForAssertionAsync(() => page.FindAll("[role=alert] .summary").ShouldBeEmpty());
        Typed(page).ShouldBe("approved?");
    }

    [Fact]
    public async Task Who_is_no_admin_any_more_does_not_go_on_seeing_the_last_answer()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = await OpenAsync(pages);

        await pages.Scene.NewAsync("update identity.account_role set role_id = 'worker'");
        pages.Time.Advance(TimeSpan.FromSeconds(2));

        await page.WaitForAssertionAsync(() => page.Find("[role=alert]").TextContent.ShouldContain("Only an admin"));
        page.FindAll("article, .verdict").ShouldBeEmpty();
    }

    [Fact]
    public async Task One_value_for_all_rows_leaves_what_is_being_typed_for_one_of_them()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = await OpenAsync(pages, rows: 7);
        await PressAsync(page, ".rows", "Show more");
        await page.WaitForAssertionAsync(() => page.FindAll("article").Count.ShouldBe(7));
        await TypeAsync(page, "approved?");
        await TypeAsync(page, "true", ".all");

        var pressed = page.InvokeAsync(() => page.Find(".all form").SubmitAsync());
        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.Markup.ShouldContain("Put right in 7 rows?"));
        await pages.Dialogues.InvokeAsync(() => pages.Dialogues.FindAll("button").Single(b => b.TextContent.Trim() == "Put right").ClickAsync());
        await pressed;

        await DecisionsAsync(page, pages, string.Join('|', Enumerable.Repeat("edit", 7)));
        Note(page, 7).ShouldContain("has decided: is_approved = true.");
        Typed(page).ShouldBe("approved?");
    }

    [Fact]
    public async Task A_row_that_has_changed_since_it_was_shown_is_shown_anew_instead_of_decided()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = await OpenAsync(pages);
        await TypeAsync(page, "approved?");
        await pages.Scene.NewAsync("""update replication.quarantine set found_at = clock_timestamp(), old_row = old_row || '{"break_minutes": 77}' where key = 7""");

        await PressAsync(page, "article[aria-label='Old row 7']", "Leave out");

        await page.WaitForAssertionAsync(() => page.Find("article[aria-label='Old row 7'] dl").TextContent.ShouldContain("77"));
        (await pages.Scene.NewAsync<long>("select count(*) from replication.quarantine where state = 'open'")).ShouldBe(2);
        Typed(page).ShouldBe("approved?");
    }

    [Fact]
    public async Task When_nobody_can_tell_who_decides_that_is_said_and_what_was_typed_stays()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = await OpenAsync(pages);
        await TypeAsync(page, "approved?");
        await pages.Scene.NewAsync("alter table identity.account rename to not_there");

        await PressAsync(page, "article[aria-label='Old row 7']", "Leave out");

        await page.WaitForAssertionAsync(() => page.Find(".rows [role=alert]").TextContent.ShouldContain("The new database cannot be reached."));
        Typed(page).ShouldBe("approved?");
    }

    /// <summary>What is said of a row that somebody has decided on.</summary>
    private static string Note(IRenderedComponent<BackfillPage> page, int row) =>
        page.Find($"article[aria-label='Old row {row}'] .note").TextContent.Trim();

    /// <summary>Opens the page with so many rows that contradict themselves, up to number 7.</summary>
    private static async Task<IRenderedComponent<BackfillPage>> OpenAsync(ReplicationPages pages, int rows = 2)
    {
        await pages.Scene.OldAsync($"update timesheet_old set is_approved = false where id between {8 - rows} and 7");
        await BackfillScene.EmptyAsync(pages.Scene);
        await pages.Scene.NewAsync("select replication.run_backfill('running', null, 'Ada'), replication.backfill_step(100)");
        var page = pages.Open<BackfillPage>("replication/backfill");
        await PressAsync(page, ".groups", "Rows");
        await page.WaitForAssertionAsync(() => page.FindAll("article").Count.ShouldBe(Math.Min(rows, 5)));
        return page;
    }

    private static Task TypeAsync(IRenderedComponent<BackfillPage> page, string text, string within = Row) =>
        page.InvokeAsync(() => page.Find(within).QuerySelectorAll("input").Last(i => !i.HasAttribute("readonly")).InputAsync(new ChangeEventArgs { Value = text }));

    private static string? Typed(IRenderedComponent<BackfillPage> page) =>
        page.Find(Row).QuerySelectorAll("input").Last(i => !i.HasAttribute("readonly")).GetAttribute("value");

    private static async Task PressAsync(IRenderedComponent<BackfillPage> page, string within, string label)
    {
        await page.WaitForAssertionAsync(() => page.Find(within).QuerySelectorAll("button").ShouldContain(b => b.TextContent.Trim() == label && !b.HasAttribute("disabled")));
        // Found where the page is drawn, so that it is not drawn anew in between.
        await page.InvokeAsync(() => page.Find(within).QuerySelectorAll("button").First(b => b.TextContent.Trim() == label).ClickAsync());
    }

    private static async Task DecisionsAsync(IRenderedComponent<BackfillPage> page, ReplicationPages pages, string decisions)
    {
        (await pages.Scene.NewAsync<string>("select string_agg(coalesce(decision, ''), '|' order by key) from replication.quarantine")).ShouldBe(decisions);
        page.Markup.ShouldNotContain("Nothing was changed");
    }
}
