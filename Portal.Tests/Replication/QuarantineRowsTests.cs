using Bunit;
using Portal.Web.Replication;
using BackfillPage = Portal.Web.Replication.Backfill;

namespace Portal.Tests.Replication;

public sealed class QuarantineRowsTests
{
    [Fact]
    public async Task Each_row_is_decided_by_itself_and_can_be_decided_anew_until_it_is_taken_over()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.OldAsync("update timesheet_old set is_approved = false where id in (6, 7)");
        await BackfillScene.EmptyAsync(pages.Scene);
        await pages.Scene.NewAsync("select replication.run_backfill('running', null, 'Ada'), replication.backfill_step(100)");
        var page = pages.Open<BackfillPage>("replication/backfill");

        await PressAsync(page, ".groups", "Rows");
        await PressAsync(page, "article[aria-label='Old row 6']", "The flag is right");
        await DecisionsAsync(page, pages, "take_flag|");
        await PressAsync(page, "article[aria-label='Old row 7']", "Leave out");
        await DecisionsAsync(page, pages, "take_flag|skip");
        await PressAsync(page, "article[aria-label='Old row 7']", "The status is right");
        await DecisionsAsync(page, pages, "take_flag|take_status");
        await PressAsync(page, ".quarantine", "Take over 2 rows");

        await page.WaitForAssertionAsync(() => page.Markup.ShouldContain("12 in the old database = 12 taken over + 0 in quarantine"));
        (await pages.Scene.NewAsync<string>("select string_agg(status, ' ' order by id) from timesheet_new where id in (6, 7)")).ShouldBe("submitted approved");
    }

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
