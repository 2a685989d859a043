using Microsoft.Playwright;
using Portal.Tests.Replication;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Journeys;

/// <summary>What goes wrong between the two databases, seen and put right in a real browser.</summary>
public sealed class SyncJourneyTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    [Fact]
    public async Task A_trigger_that_was_switched_off_is_seen_with_what_it_missed_and_all_is_green_after_the_repair()
    {
        await using var admin = await portal.SignInAsync(Visitor.Admin);
        await portal.PsqlAsync("timesheet_new", "alter table timesheet_new disable trigger capture_update_timesheet_old");
        var id = await portal.PsqlAsync("timesheet_new",
            "update timesheet_new set claimed_break_minutes = 7 where id = (select min(id) from timesheet_new where status = 'draft' and claimed_break_minutes > 7) returning id");

        await admin.OpenAsync("/replication", "Sync health");
        await Expect(admin.Page.Locator(".sentence", new() { HasText = "Out of step" })).ToBeVisibleAsync();
        await Expect(admin.Page.GetByTitle("1 alarm", new() { Exact = true })).ToBeVisibleAsync();
        await Press(admin, "Reinstall…");
        await Fill(admin, "Reason", "Somebody switched it off.");
        await PressInDialog(admin, "Reinstall");
        await Expect(admin.Page.GetByText("does not do its work")).ToHaveCountAsync(0);

        await admin.OpenAsync("/replication/comparison", "Comparison");
        await Press(admin, "Compare all rows");
        var row = admin.Page.GetByRole(AriaRole.Table, new() { Name = "Rows that differ" }).Locator("tbody > tr", new() { Has = admin.Page.GetByRole(AriaRole.Link, new() { Name = $"{id}", Exact = true }) });
        await Expect(row.GetByText("A trigger does not fire, or did not")).ToBeVisibleAsync();
        (await DownloadAsync(admin)).ShouldContain($"{id},Different,\"A trigger does not fire, or did not\",break_minutes,7,");

        await row.GetByRole(AriaRole.Checkbox).CheckAsync();
        await Press(admin, "Repair 1 row");
        await Expect(admin.Page.GetByText("1 row would change.")).ToBeVisibleAsync();
        await Fill(admin, "Why", "The trigger was off.");
        await PressInDialog(admin, "Repair 1 row");
        await Expect(admin.Page.GetByText("1 row: 1 repaired.")).ToBeVisibleAsync();

        await admin.OpenAsync("/replication", "Sync health");
        await Expect(admin.Page.Locator(".verdict.tone-good .sentence", new() { HasText = "In step" })).ToBeVisibleAsync();
        await Expect(admin.Page.GetByTitle("No alarms", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(admin.Page.Locator(".tasks")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task An_old_column_that_was_renamed_is_seen_and_imported_anew()
    {
        await using var admin = await portal.SignInAsync(Visitor.Admin);
        await admin.OpenAsync("/replication/servers", "Servers");
        await portal.PsqlAsync("timesheet_old", "alter table timesheet_old rename column hospital_name to hospital");

        await Expect(admin.Page.GetByText("Gone from the old table")).ToBeVisibleAsync();
        await ImportAsync(admin, "It was renamed.");
        await Expect(admin.Page.GetByText("Gone from the old table")).ToHaveCountAsync(0);
        await Expect(admin.Page.GetByText("Mapping shows it")).ToBeVisibleAsync();

        await portal.PsqlAsync("timesheet_old", "alter table timesheet_old rename column hospital to hospital_name");
        await Expect(admin.Page.GetByText("Not imported", new() { Exact = true })).ToBeVisibleAsync();
        await ImportAsync(admin, "It has its name again.");
        await Expect(admin.Page.GetByText("As imported")).ToHaveCountAsync(4);

        await admin.OpenAsync("/replication", "Sync health");
        await Expect(admin.Page.Locator(".sentence", new() { HasText = "In step" })).ToBeVisibleAsync();
        (await portal.PsqlAsync("timesheet_new", "select string_agg(reason, ' ' order by id) from replication.audit where action like '%import%'")).ShouldBe("It was renamed. It has its name again.");
    }

    [Fact]
    public async Task A_comparison_in_whose_middle_the_portal_is_killed_goes_on_where_it_was()
    {
        // More rows than are compared in one step.
        await portal.PsqlAsync("timesheet_new", """
            with options as (insert into timesheet_options (hospital_id) values (15) returning id)
            insert into timesheet_new (worker_id, timesheet_options_id) select 33, o.id from options o, generate_series(1, 45000)
            """);
        await using (var admin = await portal.SignInAsync(Visitor.Admin))
        {
            await admin.OpenAsync("/replication/comparison", "Comparison");
            await admin.Page.GetByRole(AriaRole.Combobox, new() { Name = "Load" }).First.ClickAsync();
            await admin.Page.GetByRole(AriaRole.Option, new() { Name = "5 % of the time" }).ClickAsync();
            await Press(admin, "Compare all rows");
            // Not by the page, which may be a second behind.
            await RunningWorker.Until(async () => await portal.PsqlAsync("timesheet_new", "select true from replication.comparison where state = 'running' and compared > 0") is true);
            await portal.CrashAsync();
        }

        (await portal.PsqlAsync("timesheet_new", "select compared < 47000 from replication.comparison where state = 'running'")).ShouldBe(true);
        await portal.StartAsync();

        await using var later = await portal.SignInAsync(Visitor.Admin);
        await later.OpenAsync("/replication/comparison", "Comparison");
        await Expect(later.Page.GetByText("47,000 rows compared, none different.")).ToBeVisibleAsync();
        (await portal.PsqlAsync("timesheet_new", "select count(*) from replication.comparison where compared = 47000 and state = 'finished'")).ShouldBe(1L);
    }

    private static async Task ImportAsync(Visitor admin, string reason)
    {
        await Press(admin, "Import anew…");
        await Expect(admin.Page.GetByRole(AriaRole.Dialog).GetByText("import foreign schema")).ToBeVisibleAsync();
        await Fill(admin, "Reason", reason);
        await PressInDialog(admin, "Import");
    }

    private static async Task<string> DownloadAsync(Visitor admin)
    {
        var download = await admin.Page.RunAndWaitForDownloadAsync(() => admin.Page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());
        await using var content = await download.CreateReadStreamAsync();
        using var reader = new StreamReader(content);
        return await reader.ReadToEndAsync();
    }

    private static Task Press(Visitor admin, string button) => admin.Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    private static Task Fill(Visitor admin, string label, string text) => admin.Page.GetByRole(AriaRole.Dialog).GetByLabel(label).FillAsync(text);

    private static async Task PressInDialog(Visitor admin, string button)
    {
        await admin.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        await Expect(admin.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
    }
}
