using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Data.Replication;
using Portal.Web.Replication;

namespace Portal.Tests.Replication;

public sealed class RowsTests
{
    [Fact]
    public async Task The_differing_cells_and_only_those_are_marked_in_both_lines()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.OldAsync("""
            update timesheet_old set status = 'draft', end_time = null, worker_name = '<b>"O''Neill" ü</b>' where id = 5;
            delete from timesheet_old where id = 6;
            insert into timesheet_old (id, worker_id, hospital_id, status, is_approved) values (70, 33, 15, 'draft', false);
            """);

        var page = pages.Open<Rows>("replication/rows");
        await Shows(page, 13);

        var different = page.FindAll("tbody")[4];
        different.QuerySelectorAll("td.new.differs").Select(c => c.GetAttribute("data-label")).ShouldBe(["status", "worker name", "end time"]);
        different.QuerySelectorAll("td.old.differs .value").Select(v => v.TextContent.Trim()).ShouldBe(["draft", "<b>\"O'Neill\" ü</b>", "null"]);
        different.QuerySelectorAll("td.old.differs .word").Select(w => w.TextContent).ShouldAllBe(word => word == "differs");
        page.FindAll("tbody")[5].TextContent.ShouldContain("Not in the old database");
        page.FindAll("tbody")[12].TextContent.ShouldContain("Not in the new database");
        page.FindAll("td.differs").Count.ShouldBe(6);
        page.Find(".found").TextContent.ShouldBe("13 rows, timesheets 1 to 70: 3 not the same in both databases.");
    }

    [Fact]
    public async Task Values_that_only_look_the_same_are_said_to()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.OldAsync("update timesheet_old set worker_name = worker_name || ' ' where id = 4");

        var page = pages.Open<Rows>("replication/rows?id=4");
        await Shows(page, 1);

        var cell = page.Find("td.old.differs");
        cell.QuerySelector(".word")?.TextContent.ShouldBe("differs in spaces or signs");
        cell.QuerySelector(".value")?.TextContent.Trim().ShouldBe("\u201CAmara Okafor \u201D");
    }

    [Fact]
    public async Task The_search_is_read_from_the_address_and_written_to_it()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = pages.Open<Rows>("replication/rows?worker=o%27brien&hospital=16&after=3");
        await Shows(page, 4);
        page.FindAll("input[type=text]").Select(i => i.GetAttribute("value")).ShouldContain("o'brien");

        await page.FindAll("input[type=text]")[0].ChangeAsync(new ChangeEventArgs { Value = " 7 " });
        await page.Find("form").SubmitAsync();

        pages.Navigation.Uri.ShouldEndWith("/replication/rows?id=7&worker=o%27brien&hospital=16");
        await Shows(page, 1);
    }

    [Fact]
    public async Task A_number_that_is_none_is_refused_in_words_and_stays_as_typed()
    {
        await using var pages = await ReplicationPages.CreateAsync();

        var page = pages.Open<Rows>("replication/rows?id=12a&after=x");

        page.Markup.ShouldContain(@"has digits only");
        page.FindAll("input[type=text]")[0].GetAttribute("value").ShouldBe("12a");
    }

    [Fact]
    public async Task Only_differences_of_equal_databases_is_an_answer_too()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = pages.Open<Rows>("replication/rows");
        await Shows(page, 12);

        await page.Find("input[type=checkbox]").ChangeAsync(new ChangeEventArgs { Value = true });

        await page.WaitForAssertionAsync(() => page.Markup.ShouldContain("Every timesheet is the same in both databases."));
        pages.Navigation.Uri.ShouldEndWith("?differences=true");
    }

    [Fact]
    public async Task Pages_are_links_that_keep_the_search()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("""
            insert into timesheet_options (id, hospital_id) select n, 15 from generate_series(101, 160) n;
            insert into timesheet_new (id, worker_id, timesheet_options_id) select n, 33, n from generate_series(101, 160) n;
            """);
        var page = pages.Open<Rows>("replication/rows?worker=33");
        await Shows(page, Comparison.PageSize);

        var later = page.Find(".pager a").GetAttribute("href").ShouldNotBeNull();
        later.ShouldEndWith("/replication/rows?worker=33&after=119");
        pages.Navigation.NavigateTo(later);

        await page.WaitForAssertionAsync(() => page.Find(".found").TextContent.ShouldContain("timesheets 120 to 144"));
        page.FindAll(".pager a").Select(a => a.GetAttribute("href")?.Split('&')[1]).ShouldBe(["before=120", "after=144"]);
    }

    [Fact]
    public async Task A_stopped_old_server_is_said_and_the_search_stays()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        pages.Scene.Link.Stop();

        var page = pages.Open<Rows>("replication/rows?worker=amara");

        await page.WaitForAssertionAsync(
            () => page.Find("[role=alert]").TextContent.ShouldContain("The old database cannot be reached."));
        page.FindAll("input[type=text]")[1].GetAttribute("value").ShouldBe("amara");
    }

    private static Task Shows(IRenderedComponent<Rows> page, int rows) =>
        page.WaitForAssertionAsync(() => page.FindAll("tbody").Count.ShouldBe(rows));
}
