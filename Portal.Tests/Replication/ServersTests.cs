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
        await page.WaitForAssertionAsync(() => page.FindAll(".reach .tone-good").Count.ShouldBe(2), TimeSpan.FromSeconds(10));

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
    public async Task A_stopped_old_server_leaves_the_page_whole_and_says_so_for_each_way()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        pages.Scene.Link.Stop();

        var page = pages.Open<Servers>();
        await page.WaitForAssertionAsync(() => page.FindAll(".reach .tone-bad").Count.ShouldBe(2), TimeSpan.FromSeconds(10));

        page.FindAll(".reach .summary").ShouldAllBe(s => s.TextContent == "The old database cannot be reached.");
        page.Find(".server").TextContent.ShouldContain("connect_timeout");
    }
}
