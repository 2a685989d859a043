using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Web.Replication;
using TestContext = Xunit.TestContext;

namespace Portal.Tests.Replication;

public sealed class TriggersTests
{
    [Fact]
    public async Task Every_trigger_is_shown_with_when_and_what_it_runs()
    {
        await using var pages = await ReplicationPages.CreateAsync();

        var page = pages.Open<Triggers>();
        await page.WaitForAssertionAsync(() => page.Find("[role=status]").TextContent.ShouldContain("All 18 fire"));

        var insert = page.FindAll("tbody").Single(t => t.TextContent.Contains("do_dreplicate_to_old_table", StringComparison.Ordinal));
        foreach (var fact in new[] { "timesheet_new", "On", "after insert", "row", "at commit (initially deferred)", "new_records_inserted", "replication.flush_many()" })
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
        await page.WaitForAssertionAsync(() => page.Find("[role=status]").TextContent.ShouldContain("2 of 18 do not fire"));

        var silent = page.FindAll("tbody").Take(2).ToList();
        silent.ShouldAllBe(t => t.ClassList.Contains("silent"));
        silent[0].TextContent.ShouldContain("Missing");
        silent[1].TextContent.ShouldContain("Disabled");
        silent[1].TextContent.ShouldContain("The trigger capture_update_timesheet_old on worker is switched off");
    }

    [Fact]
    public async Task A_changed_function_is_shown_line_by_line_and_reinstalled_for_a_reason()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("create or replace function public.new_records_inserted() returns trigger language plpgsql as 'begin return new; end'");
        var page = pages.Open<Triggers>();
        await page.WaitForAssertionAsync(() => page.Find("[role=status]").TextContent.ShouldContain("1 was changed"));

        page.FindAll(".diff .removed code").Select(c => c.TextContent).ShouldContain(l => l.Contains("replication.flush_many()", StringComparison.Ordinal));
        page.FindAll(".diff .added code").Select(c => c.TextContent).ShouldContain(l => l.Contains("return new", StringComparison.Ordinal));
        var pressed = page.InvokeAsync(() => page.Find("button[aria-label='Reinstall do_dreplicate_to_old_table on timesheet_new']").ClickAsync());
        await Confirm(pages, "Reinstall", "someone played with it");
        await pressed;

        await page.WaitForAssertionAsync(() => page.FindAll(".diff").ShouldBeEmpty());
        (await pages.Scene.NewAsync<string>("select account || ': ' || reason from replication.audit")).ShouldBe($"{pages.Admin}: someone played with it");
        (await pages.Scene.NewAsync<string>("select before ->> 'function' from replication.audit")).ShouldNotBeNull().ShouldContain("return new");
    }

    [Fact]
    public async Task Nothing_is_disabled_without_a_reason_and_before_it_was_said_what_follows()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = pages.Open<Triggers>();
        await page.WaitForAssertionAsync(() => page.Find("[role=status]").TextContent.ShouldContain("All 18 fire"));

        var pressed = page.InvokeAsync(() => page.Find("button[aria-label='Disable capture_update_timesheet_old on worker']").ClickAsync());
        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.Markup.ShouldContain("do not reach the old database"));
        await pages.Dialogues.FindAll("button").Single(b => b.TextContent.Trim() == "Disable").ClickAsync();

        pages.Dialogues.Markup.ShouldContain("Say in a few words why.");
        (await pages.Scene.Triggers.List(ReplicationScene.Admin, TestContext.Current.CancellationToken)).Value.ShouldNotBeNull().Silent.ShouldBeEmpty();

        await Confirm(pages, "Disable", "bulk load of names");
        await pressed;
        await page.WaitForAssertionAsync(() => page.Find("[role=status]").TextContent.ShouldContain("1 of 18 does not fire"));
    }

    internal static async Task Confirm(ReplicationPages pages, string yes, string reason)
    {
        var dialogues = pages.Dialogues;
        await dialogues.WaitForAssertionAsync(() => dialogues.FindAll("textarea").ShouldNotBeEmpty());
        // Found and used in one go, as what is typed is kept meanwhile and drawn anew.
        await dialogues.InvokeAsync(() => dialogues.Find("textarea").InputAsync(new ChangeEventArgs { Value = reason }));
        await dialogues.InvokeAsync(() => dialogues.FindAll("button").Single(b => b.TextContent.Trim() == yes).ClickAsync());
    }
}
