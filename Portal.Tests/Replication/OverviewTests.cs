using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Data.Replication;
using Portal.Web.Replication;

namespace Portal.Tests.Replication;

public sealed class OverviewTests
{
    [Fact]
    public async Task All_well_is_one_sentence_in_green()
    {
        await using var pages = await ReplicationPages.CreateAsync();

        var page = pages.Open<Overview>();

        await Says(page, "In step: 12 rows compared, 0 different.");
        page.Find(".verdict").ClassList.ShouldContain("tone-good");
        page.FindAll(".tasks").ShouldBeEmpty();
    }

    [Fact]
    public async Task The_sentence_says_how_soon_a_change_is_visible_in_the_old_database()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("select replication.take_sample(1, 3.2, 0)");

        var page = pages.Open<Overview>();

        await Says(page, "In step: 12 rows compared, 0 different, newest change visible in the old database after 3.2 ms.");
        Tile(page, "A change is visible after").ShouldStartWith("3.2 ms in the old database");
    }

    [Fact]
    public async Task As_long_as_the_old_database_is_right_nothing_is_out_of_step()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("select replication.set_authority('old', 'test', 'test')");
        await pages.Scene.OldAsync("update timesheet_old set status = 'draft' where id = 3");

        var page = pages.Open<Overview>();

        await Says(page, "The old database is still the one that is right: its rows are taken over");
        page.Find(".verdict").ClassList.ShouldContain("tone-neutral");
        page.Find(".tasks a").GetAttribute("href").ShouldBe("replication/backfill");
    }

    [Fact]
    public async Task What_is_to_be_done_is_done_by_the_button_beside_it()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("alter table timesheet_new disable trigger capture_update_timesheet_old; select replication.set_mode('paused', 'test')");
        var page = pages.Open<Overview>();
        await page.WaitForAssertionAsync(() => page.FindAll(".tasks li").Count.ShouldBe(2));

        await PressAsync(pages, page, "Resume", "Deliver");
        (await pages.Scene.NewAsync<string>("select mode from replication.control")).ShouldBe("synchronous");

        var asked = page.InvokeAsync(() => page.FindAll(".tasks button").Single(b => b.TextContent.Trim() == "Reinstall…").ClickAsync());
        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.FindAll("textarea").ShouldHaveSingleItem());
        await pages.Dialogues.Find("textarea").InputAsync(new ChangeEventArgs { Value = "It was off." });
        await pages.Dialogues.FindAll("button").Single(b => b.TextContent.Trim() == "Reinstall").ClickAsync();
        await asked;

        await page.WaitForAssertionAsync(() => page.FindAll(".tasks").ShouldBeEmpty());
        (await pages.Scene.NewAsync<string>("select reason from replication.audit where action = 'trigger reinstall'")).ShouldBe("It was off.");
    }

    [Fact]
    public async Task What_only_an_alarm_tells_is_to_be_done_too()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("select replication.report_cause('old_written', 'timesheet_old', 'payroll has written.'), replication.evaluate_alarms('1 min', '1 min', '{}')");

        var page = pages.Open<Overview>();

        await page.WaitForAssertionAsync(() => page.Find(".tasks li").TextContent.ShouldContain("payroll has written."));
        page.Find(".tasks a").GetAttribute("href").ShouldBe("replication/plan");
    }

    [Fact]
    public async Task A_difference_shows_by_itself_within_the_next_tick_and_leads_to_its_repair()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = pages.Open<Overview>();
        await Says(page, "In step");

        await pages.Scene.OldAsync("delete from timesheet_old where id = 1");
        pages.Time.Advance(TimeSpan.FromSeconds(5));

        await Says(page, "Out of step: 12 rows compared, 1 different.");
        page.Find(".verdict").ClassList.ShouldContain("tone-bad");
        page.Find(".tasks").TextContent.ShouldContain("1 missing in the old database");
        page.Find(".tasks a").GetAttribute("href").ShouldBe("replication/comparison");
    }

    [Fact]
    public async Task Nothing_is_refreshed_while_the_switch_is_off_until_the_button_is_pressed()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = pages.Open<Overview>();
        await Says(page, "In step");
        await page.Find("input[type=checkbox]").ChangeAsync(new ChangeEventArgs { Value = false });
        await pages.Scene.OldAsync("delete from timesheet_old where id = 1");

        pages.Time.Advance(TimeSpan.FromSeconds(60));
        page.Find("[role=status]").TextContent.ShouldStartWith("In step");

        await page.FindAll("button").Single(b => b.TextContent.Trim() == "Refresh").ClickAsync();
        await Says(page, "Out of step");
    }

    [Fact]
    public async Task Nothing_is_asked_any_more_once_the_page_is_left()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = pages.Open<Overview>();
        await Says(page, "In step");
        var newest = pages.Newest;

        await pages.CloseAsync();
        pages.Time.Advance(TimeSpan.FromMinutes(10));

        pages.Newest.ShouldBeSameAs(newest);
    }

    [Fact]
    public async Task A_stopped_old_server_is_said_with_what_to_check()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        pages.Scene.Link.Stop();

        var page = pages.Open<Overview>();

        await Says(page, "The old database cannot be reached. Users' changes are kept and will be delivered when it is back.");
        page.Find(".verdict").ClassList.ShouldContain("tone-warning");
        page.Find(".tasks").TextContent.ShouldContain("Check that its server runs");
    }

    [Fact]
    public async Task A_disabled_trigger_is_a_risk_that_is_named()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("alter table timesheet_new disable trigger do_dreplicate_to_old_table");

        var page = pages.Open<Overview>();

        await Says(page, "At risk: 12 rows compared, 0 different, but 1 trigger does not fire.");
        page.Find(".tasks").TextContent.ShouldContain("do_dreplicate_to_old_table on timesheet_new is switched off");
    }

    [Fact]
    public async Task An_admin_who_is_none_any_more_sees_nothing_at_the_next_tick()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = pages.Open<Overview>();
        await Says(page, "In step");

        await pages.Scene.NewAsync("update identity.account_role set role_id = 'worker'");
        pages.Time.Advance(TimeSpan.FromSeconds(5));

        await page.WaitForAssertionAsync(() => page.Find("[role=alert]").TextContent.ShouldContain(Trouble.NotAllowed.Summary));
        page.FindAll(".verdict, .tiles").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stopped_old_server_is_grave_when_changes_are_not_even_recorded()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("alter table timesheet_new disable trigger capture_update_timesheet_old");
        pages.Scene.Link.Stop();

        var page = pages.Open<Overview>();

        await Says(page, "The old database cannot be reached.");
        page.Find(".sentence").TextContent.ShouldNotContain("kept");
        page.Find(".verdict").ClassList.ShouldContain("tone-bad");
    }

    [Fact]
    public async Task Waiting_changes_are_said_to_be_kept_and_are_not_red()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("select replication.not_written('08001', 'gone'); update timesheet_new set status = 'draft' where id = 3");

        var page = pages.Open<Overview>();

        await Says(page, "Catching up: 12 rows compared, 1 different; 1 change waits. Users' changes are kept and will be delivered.");
        page.Find(".verdict").ClassList.ShouldContain("tone-warning");
        Tile(page, "Breaker").ShouldStartWith("Open since ");
        Tile(page, "Changes waiting").ShouldStartWith("1 kept; the oldest for");
    }

    [Fact]
    public async Task A_refused_row_is_listed_with_the_old_databases_reason()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.OldAsync("alter table timesheet_old add constraint no_drafts check (status <> 'draft')");
        await pages.Scene.NewAsync("update timesheet_new set status = 'draft' where id = 3");

        var page = pages.Open<Overview>();

        await Says(page, "Out of step: 12 rows compared, 1 different. The old database refuses 1 row; what it refuses is kept and tried again.");
        Tile(page, "Rows set aside").ShouldStartWith("1 refused");
        var listed = page.Find(".set-aside li").TextContent;
        listed.ShouldContain("timesheet_old 3");
        listed.ShouldContain("no_drafts");
        listed.ShouldContain("1 attempt, next at");
    }

    [Fact]
    public async Task The_mode_is_switched_after_a_question_and_with_the_admins_name()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = pages.Open<Overview>();
        await Says(page, "In step");

        await SwitchAsync(pages, page, "Pause", "Cancel");
        (await pages.Scene.NewAsync<string>("select mode from replication.control")).ShouldBe("synchronous");

        await SwitchAsync(pages, page, "Pause", "Pause");
        await page.WaitForAssertionAsync(() => Tile(page, "Mode").ShouldStartWith("Paused"));
        (await pages.Scene.NewAsync<string>("select account from replication.audit where after ->> 'mode' = 'paused'")).ShouldBe(pages.Admin);
        page.FindAll(".modes button").Select(b => b.TextContent.Trim()).ShouldBe(["Resume", "Queue all"]);
    }

    [Fact]
    public async Task A_mode_that_somebody_has_set_since_it_was_shown_is_left_and_that_is_said()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = pages.Open<Overview>();
        await Says(page, "In step");

        var pressed = page.FindAll(".modes button").Single(b => b.TextContent.Trim() == "Queue all").ClickAsync();
        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.FindAll("button").ShouldContain(b => b.TextContent.Trim() == "Cancel"));
        await pages.Scene.NewAsync("select replication.set_mode('paused', 'Bob')");
        await pages.Dialogues.InvokeAsync(() => pages.Dialogues.FindAll("button").Single(b => b.TextContent.Trim() == "Queue").ClickAsync());
        await pressed;

        pages.Said.ShouldContain(said => said.Contains("Meanwhile somebody else has set another mode."));
        (await pages.Scene.NewAsync<string>("select mode from replication.control")).ShouldBe("paused");
        await page.WaitForAssertionAsync(() => Tile(page, "Mode").ShouldStartWith("Paused"));
    }

    private static async Task SwitchAsync(ReplicationPages pages, IRenderedComponent<Overview> page, string mode, string answer)
    {
        var pressed = page.FindAll(".modes button").Single(b => b.TextContent.Trim() == mode).ClickAsync();
        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.Markup.ShouldContain("Users go on working"));
        await pages.Dialogues.FindAll("button").Single(b => b.TextContent.Trim() == answer).ClickAsync();
        await pressed;
    }

    private static async Task PressAsync(ReplicationPages pages, IRenderedComponent<Overview> page, string task, string answer)
    {
        // Found where the page is drawn, so that it is not drawn anew in between.
        var pressed = page.InvokeAsync(() => page.FindAll(".tasks button").Single(b => b.TextContent.Trim() == task).ClickAsync());
        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.FindAll("button").ShouldContain(b => b.TextContent.Trim() == answer));
        await pages.Dialogues.FindAll("button").Single(b => b.TextContent.Trim() == answer).ClickAsync();
        await pressed;
    }

    private static string Tile(IRenderedComponent<Overview> page, string label) => page.FindAll(".tile")
        .Where(t => t.QuerySelector("dt")?.TextContent == label)
        .Select(t => string.Join(' ', t.QuerySelectorAll("dd").Select(d => d.TextContent.Trim())))
        .Single();

    private static Task Says(IRenderedComponent<Overview> page, string sentence) =>
        page.WaitForAssertionAsync(() => page.Find(".sentence").TextContent.ShouldStartWith(sentence));
}
