using Bunit;
using Portal.Web.Replication;

namespace Portal.Tests.Replication;

public sealed class ServersTests
{
    [Fact]
    public async Task Both_ways_the_options_the_mappings_and_the_columns_are_shown_and_no_password()
    {
        await using var pages = await ReplicationPages.CreateAsync();

        var page = pages.Open<Servers>();
        await page.WaitForAssertionAsync(() => page.FindAll(".reach .tone-good").Count.ShouldBe(2));

        var text = page.Find(".server").TextContent;
        text.ShouldContain("connect_timeout");
        page.FindAll(".server tbody th").Select(th => th.TextContent.Trim()).ShouldContain("portal_owner");
        text.ShouldContain("replicator");
        page.FindAll("details summary").Select(s => s.TextContent).ShouldContain(s => s.Contains("timesheet_old_schema.timesheet_old", StringComparison.Ordinal));
        foreach (var password in ForeignServersTests.Passwords(pages.Scene))
        {
            page.Markup.ShouldNotContain(password);
        }
    }

    [Fact]
    public async Task A_renamed_old_column_shows_with_what_it_breaks_and_the_table_is_imported_after_a_look_at_the_statements()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.OldAsync("alter table timesheet_old rename column is_paid to paid");

        var page = pages.Open<Servers>();
        await page.WaitForAssertionAsync(() => page.FindAll(".table.drift").ShouldHaveSingleItem());
        var row = page.FindAll(".differs").Single(r => r.TextContent.Contains("is_paid", StringComparison.Ordinal));
        row.TextContent.ShouldContain("Every delivery to this table fails");

        var pressed = page.InvokeAsync(() => page.FindAll(".table.drift button").First(b => b.TextContent.Trim() == "Import anew…").ClickAsync());
        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.Markup.ShouldContain("In one transaction"));
        pages.Dialogues.Find("pre").TextContent.ShouldContain("import foreign schema public limit to (timesheet_old)");
        await TriggersTests.Confirm(pages, "Import", "renamed by the old team");
        await pressed;

        await page.WaitForAssertionAsync(
            () => page.FindAll(".differs").Single(r => r.TextContent.Contains("is_paid", StringComparison.Ordinal)).TextContent.ShouldNotContain("Gone from the old table"));
        (await pages.Scene.NewAsync<string>("select reason from replication.audit")).ShouldBe("renamed by the old team");
    }

    [Fact]
    public async Task An_import_of_what_has_changed_since_it_was_shown_shows_it_anew_and_keeps_the_reason()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.OldAsync("alter table timesheet_old rename column is_paid to paid");
        var page = pages.Open<Servers>();
        await page.WaitForAssertionAsync(() => page.FindAll(".table.drift").ShouldHaveSingleItem());
        var pressed = page.InvokeAsync(() => page.FindAll(".table.drift button").First(b => b.TextContent.Trim() == "Import anew…").ClickAsync());
        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.Markup.ShouldContain("In one transaction"));

        await pages.Scene.NewAsync("grant select on timesheet_old_schema.timesheet_old to portal_replicator");
        await TriggersTests.Confirm(pages, "Import", "renamed by the old team");

        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.Find("[role=alert]").TextContent.ShouldContain("Above is what would be done now"));
        pages.Dialogues.Find("pre").TextContent.ShouldContain("portal_replicator");
        await pages.Dialogues.InvokeAsync(() => pages.Dialogues.FindAll("button").Single(b => b.TextContent.Trim() == "Import").ClickAsync());
        await pressed;
        (await pages.Scene.NewAsync<string>("select reason from replication.audit")).ShouldBe("renamed by the old team");
    }

    [Fact]
    public async Task A_stopped_old_server_leaves_the_page_whole_and_says_so_for_each_way()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        pages.Scene.Link.Stop();

        var page = pages.Open<Servers>();
        await page.WaitForAssertionAsync(() => page.FindAll(".reach .tone-bad").Count.ShouldBe(2));

        page.FindAll(".reach .summary").ShouldAllBe(s => s.TextContent == "The old database cannot be reached.");
        page.Find(".server").TextContent.ShouldContain("connect_timeout");
    }
}
