using Bunit;
using Portal.Web.Replication;

namespace Portal.Tests.Replication;

public sealed class TriggersTests
{
    [Fact]
    public async Task Every_trigger_is_shown_with_when_and_what_it_runs()
    {
        await using var pages = await ReplicationPages.CreateAsync();

        var page = pages.Open<Triggers>();
        await page.WaitForAssertionAsync(() => page.Find("[role=status]").TextContent.ShouldContain("All 13 fire"), TimeSpan.FromSeconds(10));

        var insert = page.FindAll("tbody").Single(t => t.TextContent.Contains("do_dreplicate_to_old_table", StringComparison.Ordinal));
        foreach (var fact in new[] { "timesheet_new", "On", "after insert", "row", "at commit (initially deferred)", "new_records_inserted", "replication.flush()" })
        {
            insert.TextContent.ShouldContain(fact);
        }
    }

    [Fact]
    public async Task A_disabled_and_a_missing_trigger_come_first_with_what_follows_from_it()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("""
            alter table worker disable trigger capture_update_timesheet_old;
            drop trigger capture_delete_timesheet_old on payment;
            """);

        var page = pages.Open<Triggers>();
        await page.WaitForAssertionAsync(() => page.Find("[role=status]").TextContent.ShouldContain("2 of 13 do not fire"), TimeSpan.FromSeconds(10));

        var silent = page.FindAll("tbody").Take(2).ToList();
        silent.ShouldAllBe(t => t.ClassList.Contains("silent"));
        silent[0].TextContent.ShouldContain("Missing");
        silent[1].TextContent.ShouldContain("Disabled");
        silent[1].TextContent.ShouldContain("The trigger capture_update_timesheet_old on worker is switched off");
    }
}
