using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Npgsql;
using Portal.Data.Replication.Comparing;
using Portal.Web.Replication;
using TestContext = Xunit.TestContext;

namespace Portal.Tests.Replication.Comparing;

public sealed class ComparisonsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_comparison_is_begun_paused_resumed_and_its_end_is_seen_by_itself()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = pages.Open<Comparisons>("replication/comparison");

        await Press(page, "Compare all rows");
        await Sees(page, "Comparison 1 is under way");
        await Press(page, "Pause");
        await Sees(page, "Comparison 1 is paused");
        await Press(page, "Resume");
        await Sees(page, "Comparison 1 is under way");
        await pages.Scene.Get<ComparisonRunner>().Work(1, null, Cancel);
        pages.Time.Advance(TimeSpan.FromSeconds(1));

        await Sees(page, "12 rows compared, none different.");
        page.FindAll("button").ShouldContain(b => b.TextContent.Contains("Compare all rows"));
        (await pages.Scene.NewAsync<string>("select account from replication.comparison")).ShouldBe(pages.Admin);
    }

    [Fact]
    public async Task Differences_are_shown_with_their_cells_and_narrowed_by_the_address()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await Compared(pages);

        var page = pages.Open<Comparisons>("replication/comparison");
        await Sees(page, "13 rows compared, 1 missing in the old database, 1 only in the old database, 1 in both with different values.");
        Keys(page).ShouldBe(["3", "7", "900"]);
        var cells = page.FindAll(".cells")[1].QuerySelectorAll("tbody > tr").Select(r => string.Join('|', r.Children.Select(c => c.TextContent.Trim())));
        cells.ShouldBe(["status|approved|draft", "is approved|true|false"]);

        var narrowed = pages.Open<Comparisons>("replication/comparison?run=1&kind=Extra");
        await Sees(narrowed, "Repair all like these");
        Keys(narrowed).ShouldBe(["900"]);
        narrowed.Find("a[download]").GetAttribute("href").ShouldNotBeNull().ShouldEndWith("replication/comparison/1.csv?kind=Extra");
    }

    [Fact]
    public async Task Chosen_rows_are_repaired_after_a_dry_run_and_a_reason()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await Compared(pages);
        var page = pages.Open<Comparisons>("replication/comparison");
        await Sees(page, "Only in old");

        await page.InvokeAsync(() => page.Find("input[aria-label='Choose timesheet 7']").ChangeAsync(new ChangeEventArgs { Value = true }));
        var asking = Press(page, "Repair 1 row");
        await Sees(pages.Dialogues, "1 row would change.");
        pages.Dialogues.Markup.ShouldContain("approved");
        await Press(pages.Dialogues, "Repair 1 row");
        await Sees(pages.Dialogues, "Say why, for those who read the log later.");
        (await pages.Scene.NewAsync<long>("select count(*) from replication.repair")).ShouldBe(0);
        await Type(pages.Dialogues, "Typed wrongly by hand");
        await Press(pages.Dialogues, "Repair 1 row");
        await asking;
        await Sees(page, "Repair 1 is under way");
        await pages.Scene.Get<RepairRunner>().Work(1, null, Cancel);
        pages.Time.Advance(TimeSpan.FromSeconds(1));

        await Sees(page, "1 row: 1 repaired.");
        await Sees(page, "Typed wrongly by hand");
        (await pages.Scene.OldAsync<string>("select status from timesheet_old where id = 7")).ShouldBe("approved");
        (await pages.Scene.OldAsync<long>("select count(*) from timesheet_old where id = 900")).ShouldBe(1);
    }

    [Fact]
    public async Task A_repair_can_be_given_up_while_it_waits_for_rows_that_are_being_written()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await Compared(pages);
        var page = pages.Open<Comparisons>("replication/comparison");
        await using var writer = await pages.Scene.Databases.OwnerOfNew.OpenConnectionAsync(Cancel);
        await using var writing = await writer.BeginTransactionAsync(Cancel);
        await using var locks = new NpgsqlCommand("select pg_advisory_xact_lock(hashtext('replication'), stripe) from generate_series(0, 255) stripe", writer);
        await locks.ExecuteNonQueryAsync(Cancel);

        var asking = Press(page, "Repair all");
        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.Markup.ShouldContain("Looking at both databases"));
        await Press(pages.Dialogues, "Cancel");

        await asking;
        pages.Dialogues.Markup.ShouldNotContain("Looking at both databases");
    }

    [Fact]
    public async Task The_reason_of_a_repair_is_kept_as_it_is_typed_and_is_there_again_after_the_page_broke_off()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await Compared(pages);
        var drafts = pages.WithDraft("Typed wrongly");
        var page = pages.Open<Comparisons>("replication/comparison");

        var asking = Press(page, "Repair all");
        await Sees(pages.Dialogues, "What you had typed before is back.");
        pages.Dialogues.Find("input[type=text]").GetAttribute("value").ShouldBe("Typed wrongly");
        await Type(pages.Dialogues, "Typed wrongly by hand");
        await Press(pages.Dialogues, "Cancel");
        await asking;

        drafts.Invocations["save"].Select(i => i.Arguments[1]).ShouldBe(["Typed wrongly", "Typed wrongly by hand"]);
        // Given up on purpose, it is gone.
        drafts.Invocations["take"].Count.ShouldBe(2);
        drafts.Invocations.Select(i => i.Arguments[0]).Distinct().ShouldHaveSingleItem().ShouldBeOfType<string>().ShouldEndWith(":repair-1");
    }

    [Fact]
    public async Task What_was_chosen_of_one_comparison_is_not_chosen_of_the_next()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await Compared(pages);
        var page = pages.Open<Comparisons>("replication/comparison");
        await Sees(page, "Only in old");
        await page.InvokeAsync(() => page.Find("input[aria-label='Choose timesheet 7']").ChangeAsync(new ChangeEventArgs { Value = true }));
        await Sees(page, "Repair 1 row");

        await pages.Scene.Get<ComparisonRunner>().Work(await ComparisonRunsTests.Start(pages.Scene), null, Cancel);
        await Press(page, "Refresh");

        await Sees(page, "What comparison 2 found");
        await Sees(page, "Repair selected");
        page.Find("input[aria-label='Choose timesheet 7']").HasAttribute("checked").ShouldBeFalse();
        page.FindAll("button[aria-label='History of timesheet 7']").ShouldHaveSingleItem();
        page.FindAll("a[aria-label='Comparison 1']").ShouldHaveSingleItem();
        pages.Said.ShouldContain("Comparison 2 is shown now. Nothing of it is chosen yet.");
    }

    [Fact]
    public async Task What_somebody_else_wrote_is_overwritten_only_after_a_tick()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.OldAsync("""
            create or replace function portal_replication.written_by_others(target text, keys bigint[])
            returns table (key bigint, at timestamptz, written_by text) language sql stable
            as $$ select 7::bigint, now(), 'somebody' where 7 = any (keys) $$
            """);
        await Compared(pages);
        var page = pages.Open<Comparisons>("replication/comparison");
        await Sees(page, "Written by somebody else");

        var asking = Press(page, "Repair all");
        await Sees(pages.Dialogues, "2 rows would change. 1 row was written in the old database by somebody else; it is kept unless overwriting is asked for.");
        Button(pages.Dialogues, "Repair 2 rows").ShouldNotBeNull();
        await Sees(pages.Dialogues, "Left as it is");
        await pages.Dialogues.InvokeAsync(() => pages.Dialogues.Find("input[type=checkbox]").ChangeAsync(new ChangeEventArgs { Value = true }));
        await Sees(pages.Dialogues, "3 rows would change. What somebody else has written in 1 of them in the old database is overwritten.");
        await Type(pages.Dialogues, "Agreed with them");
        await Press(pages.Dialogues, "Repair 3 rows");
        await asking;
        await Sees(page, "Repair 1 is under way");

        (await pages.Scene.NewAsync<bool>("select overwrite from replication.repair")).ShouldBeTrue();
    }

    [Fact]
    public async Task The_schedule_says_when_it_is_next_and_refuses_what_is_no_time()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = pages.Open<Comparisons>("replication/comparison");
        await Sees(page, "Schedule:");

        await Type(page, "at three", "form input[type=text]");
        await Sees(page, "These are no times.");
        await Type(page, "30 4 * * *", "form input[type=text]");
        await page.InvokeAsync(() => page.Find("form").SubmitAsync());

        await Sees(page, "04:30:00 UTC");
        (await pages.Scene.NewAsync<string>("select cron || ' ' || account from replication.comparison_schedule")).ShouldBe($"30 4 * * * {pages.Admin}");
    }

    [Fact]
    public async Task Who_saves_a_schedule_that_was_changed_meanwhile_is_told_and_loses_nothing_typed()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = pages.Open<Comparisons>("replication/comparison");
        await Sees(page, "Schedule:");
        await Type(page, "30 4 * * *", "form input[type=text]");
        await pages.Scene.NewAsync("select replication.schedule_comparison('timesheet_old', '0 5 * * *', true, 0.5, 'Bob', null)");

        await page.InvokeAsync(() => page.Find("form").SubmitAsync());
        pages.Said.ShouldContain(said => said.Contains("Meanwhile Bob has set it to 0 5 * * *, on."));
        (await pages.Scene.NewAsync<string>("select cron from replication.comparison_schedule")).ShouldBe("0 5 * * *");
        page.Find("form input[type=text]").GetAttribute("value").ShouldBe("30 4 * * *");

        // Once it is shown, he has seen it.
        await page.WaitForAssertionAsync(() => page.Find(".schedule summary").TextContent.ShouldContain("next on"));
        await page.InvokeAsync(() => page.Find("form").SubmitAsync());
        (await pages.Scene.NewAsync<string>("select cron from replication.comparison_schedule")).ShouldBe("30 4 * * *");
    }

    [Fact]
    public async Task A_schedule_that_is_not_being_typed_in_follows_what_others_save()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = pages.Open<Comparisons>("replication/comparison");
        await Sees(page, "Schedule:");
        await pages.Scene.NewAsync("select replication.schedule_comparison('timesheet_old', '0 5 * * *', true, 0.5, 'Bob', null)");

        await Press(page, "Refresh");

        await page.WaitForAssertionAsync(() => page.Find("form input[type=text]").GetAttribute("value").ShouldBe("0 5 * * *"));
    }

    [Fact]
    public async Task A_paused_comparison_is_shown_however_many_came_after_it_and_the_schedule_says_that_it_waits()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await ComparisonRunsTests.Start(pages.Scene);
        await pages.Scene.NewAsync("""
            select replication.switch_comparison(1, 'paused', 'Bob'), replication.schedule_comparison('timesheet_old', '0 3 * * *', true, 0.5, 'Bob', null);
            insert into replication.comparison (mapping, account, origin, state, finished_at) select 'timesheet_old', 'cron', 'command', 'finished', now() from generate_series(1, 12);
            """);

        var page = pages.Open<Comparisons>("replication/comparison");

        await Sees(page, "Comparison 1 is paused");
        await Sees(page, "but it waits as long as comparison 1 is paused");
    }

    private static async Task Compared(ReplicationPages pages)
    {
        await ComparisonRunsTests.Differ(pages.Scene);
        await pages.Scene.Get<ComparisonRunner>().Work(await ComparisonRunsTests.Start(pages.Scene), null, Cancel);
    }

    private static IEnumerable<string> Keys(IRenderedComponent<Comparisons> page) => page.FindAll("th.key").Select(k => k.TextContent.Trim());

    private static Task Sees<T>(IRenderedComponent<T> page, string text)
        where T : IComponent
    {
        page.WaitForAssertion(() => Text(page).ShouldContain(text));
        return Task.CompletedTask;
    }

    /// <summary>Presses a button. One that opens a dialogue is done only when that is closed.</summary>
    private static Task Press<T>(IRenderedComponent<T> page, string label)
        where T : IComponent
    {
        page.WaitForAssertion(() => Button(page, label).ShouldNotBeNull());
        // Found where the page is drawn, so that it is not drawn anew in between.
        return page.InvokeAsync(() => Button(page, label).ShouldNotBeNull().ClickAsync());
    }

    private static Task Type<T>(IRenderedComponent<T> page, string text, string into = "input[type=text]")
        where T : IComponent => page.InvokeAsync(() => page.Find(into).InputAsync(new ChangeEventArgs { Value = text }));

    private static IElement? Button<T>(IRenderedComponent<T> page, string label)
        where T : IComponent =>
        page.FindAll("button").FirstOrDefault(b => b.TextContent.Trim() == label && !b.HasAttribute("disabled"));

    private static string Text<T>(IRenderedComponent<T> page)
        where T : IComponent => string.Join(' ', page.Nodes.Select(n => n.TextContent));
}
