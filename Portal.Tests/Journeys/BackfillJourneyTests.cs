using Microsoft.Playwright;
using Portal.Tests.Replication;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Journeys;

/// <summary>The taking over of old rows in a real browser.</summary>
public sealed class BackfillJourneyTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    [Fact]
    public async Task A_backfill_in_whose_middle_the_portal_is_killed_goes_on_where_it_was_and_takes_every_row_in()
    {
        // An old database with more rows than are taken over in one step, two of which do not fit, and an empty new one.
        await portal.PsqlAsync("timesheet_old", """
            insert into timesheet_old (id, worker_id, hospital_id, status, is_approved, worker_name, hospital_name)
            select 100000 + n, worker_id, hospital_id, 'draft', false, worker_name, hospital_name from timesheet_old, generate_series(1, 33000) n where id = 1;
            update timesheet_old set hospital_id = 999 where id in (100001, 100002);
            """);
        await portal.PsqlAsync("timesheet_new", """
            alter table timesheet_new disable trigger user;
            alter table payment disable trigger user;
            truncate timesheet_new, timesheet_history, payment, timesheet_options restart identity;
            alter table timesheet_new enable trigger user;
            alter table payment enable trigger user;
            select replication.choose_authority();
            """);
        await using (var admin = await portal.SignInAsync(Visitor.Admin))
        {
            await admin.OpenAsync("/replication/backfill", "Backfill");
            await Expect(admin.Page.Locator(".sentence", new() { HasText = "Not begun" })).ToBeVisibleAsync();
            await ShareAsync(admin, "10%");
            await admin.Page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
            await Expect(admin.Page.GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true })).ToBeVisibleAsync();
            // Not by the page, which may be behind.
            await RunningWorker.Until(async () => await RowsReadAsync() >= 10_000);
            await portal.CrashAsync();
        }

        var read = await RowsReadAsync();
        read.ShouldBeInRange(10_000, 30_000);
        await portal.StartAsync();
        (await portal.PsqlAsync("timesheet_new", $"select round > 1 or rows_read >= {read} from replication.backfill")).ShouldBe(true);

        await using var later = await portal.SignInAsync(Visitor.Admin);
        await later.OpenAsync("/replication/backfill", "Backfill");
        await ShareAsync(later, "100%");
        await Expect(later.Page.GetByText("The new database has no such hospital")).ToBeVisibleAsync();
        await later.Page.GetByRole(AriaRole.Button, new() { Name = "Put a value right…" }).ClickAsync();
        var all = later.Page.GetByRole(AriaRole.Region, new() { Name = "All 2 rows" });
        await all.GetByLabel("Right value").FillAsync("15");
        await all.GetByRole(AriaRole.Button, new() { Name = "Put right in 2 rows" }).ClickAsync();
        await later.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Put right", Exact = true }).ClickAsync();
        await later.Page.GetByRole(AriaRole.Button, new() { Name = "Take over 2 rows" }).ClickAsync();
        await Expect(later.Page.GetByText("35,000 in the old database = 35,000 taken over + 0 in quarantine + 0 left out")).ToBeVisibleAsync();
        (await portal.PsqlAsync("timesheet_new", "select count(*) from timesheet_new")).ShouldBe(35_000L);
    }

    private async Task<long> RowsReadAsync() =>
        (long)(await portal.PsqlAsync("timesheet_new", "select coalesce((select rows_read from replication.backfill where round = 1 and state = 'running'), 0)")).ShouldNotBeNull();

    private static async Task ShareAsync(Visitor admin, string share)
    {
        await admin.Page.GetByLabel("Share of the time it may work").First.ClickAsync();
        await admin.Page.GetByRole(AriaRole.Option, new() { Name = share, Exact = true }).ClickAsync();
        await Expect(admin.Page.GetByRole(AriaRole.Option)).ToHaveCountAsync(0);
    }
}
