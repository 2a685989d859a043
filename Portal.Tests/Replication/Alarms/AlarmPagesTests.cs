using Bunit;
using Portal.Web.Replication.Alarms;

namespace Portal.Tests.Replication.Alarms;

public sealed class AlarmPagesTests
{
    [Fact]
    public async Task The_bell_counts_what_lasts_and_follows_by_itself()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var bell = pages.Open<AlarmBell>();
        await bell.WaitForAssertionAsync(() => bell.Find("a[aria-label='No alarms']").GetAttribute("href").ShouldBe("/replication/alarms"));

        await pages.Scene.NewAsync("""
            select replication.report_cause('old_written', 'a', 'x'), replication.report_cause('old_written', 'b', 'x');
            select replication.evaluate_alarms('1 minute', '0 s', '{}');
            """);

        await bell.WaitForAssertionAsync(() => bell.Find("a[aria-label='2 alarms']").ShouldNotBeNull());
        bell.Find("[role=status]").GetAttribute("aria-label").ShouldBe("2 alarms");
    }

    [Fact]
    public async Task The_page_says_what_lasts_what_has_ended_and_what_was_told_of_it()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("""
            insert into replication.alarm (cause, text, resolved_at) values ('breaker', 'The old database is out of reach.', now());
            select replication.report_cause('old_written', 'public.timesheet_old', 'written by legacy_batch');
            select replication.evaluate_alarms('1 minute', '0 s', '{webhook}');
            select replication.note_delivery(id, 'opened', 'webhook', 'The webhook answered with 503.') from replication.alarm where cause = 'old_written';
            """);

        var page = pages.Open<AlarmList>("replication/alarms");

        await page.WaitForAssertionAsync(() => page.Find(".answer").TextContent.ShouldContain("1 alarm lasts"));
        page.FindAll("li").Select(l => l.ClassList.Contains("open")).ShouldBe([true, false]);
        page.Find("li").TextContent.ShouldContain("was not told to the webhook after 1 attempt: The webhook answered with 503.");

        await pages.Scene.NewAsync("select replication.withdraw_cause('old_written', 'public.timesheet_old'); select replication.evaluate_alarms('1 minute', '0 s', '{}')");
        await page.WaitForAssertionAsync(() => page.Find(".answer").TextContent.ShouldContain("No alarm lasts"));
    }

    [Fact]
    public async Task Only_those_that_last_are_listed_when_asked_for_by_the_address()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("insert into replication.alarm (cause, text, resolved_at) values ('breaker', 'x', now())");

        var page = pages.Open<AlarmList>("replication/alarms?open=true");

        await page.WaitForAssertionAsync(() => page.Markup.ShouldContain("Nothing is the matter"));
    }
}
