using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Journeys;

/// <summary>What each role does, in a real browser, on the portal as it is started from the README.</summary>
public sealed class JourneyTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    [Fact]
    public async Task An_amended_timesheet_travels_from_the_worker_over_the_hospital_to_the_old_database()
    {
        await using var worker = await portal.SignInAsync(Visitor.Worker);
        await worker.OpenAsync("/timesheets?state=draft", "My timesheets");
        await worker.Page.Locator(".row", new() { HasText = "ready to submit" }).First.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(worker.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/timesheets/[0-9]+"));
        var id = worker.Page.Url.Split('/')[^1].Split('?')[0];

        var minutes = worker.Page.GetByLabel("Unpaid break, in minutes");
        await minutes.FillAsync("5");
        await worker.Page.GetByLabel("Why the hours differ from the plan").FillAsync("Called back from the break twice.");
        await worker.Page.GetByRole(AriaRole.Button, new() { Name = "Submit", Exact = true }).ClickAsync();
        await worker.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Submit", Exact = true }).ClickAsync();
        await Expect(worker.Page.GetByText("It cannot be changed until the hospital has decided")).ToBeVisibleAsync();

        await using var staff = await portal.SignInAsync(Visitor.Staff);
        await staff.Page.GotoAsync($"/approvals/{id}");
        await Expect(staff.Page.GetByText("Called back from the break twice.").First).ToBeVisibleAsync();
        await staff.Page.GetByRole(AriaRole.Group, new() { Name = "Decision" }).GetByRole(AriaRole.Button, new() { NameString = "Approve" }).ClickAsync();
        await Expect(staff.Page.GetByRole(AriaRole.Button, new() { NameString = "as paid" })).ToBeVisibleAsync();

        await using var admin = await portal.SignInAsync(Visitor.Admin);
        await admin.Page.GotoAsync($"/replication/rows?id={id}");
        var row = admin.Page.GetByRole(AriaRole.Table, new() { Name = "Timesheets in both databases" });
        await Expect(row.Locator("td.old[data-label='status']")).ToHaveTextAsync("approved");
        await Expect(row.Locator("td.old[data-label='is approved']")).ToHaveTextAsync("true");
        await Expect(row.Locator("td.old[data-label='break minutes']")).ToHaveTextAsync("5");
        await Expect(row.Locator(".id")).ToHaveTextAsync(id);
    }

    [Fact]
    public async Task A_rejected_timesheet_tells_the_worker_why()
    {
        const string Reason = "The ward log says the shift ended on time. Please check.";
        await using var staff = await portal.SignInAsync(Visitor.Staff);
        await staff.OpenAsync("/approvals", "Approvals");
        var name = staff.Page.Locator("a.name").First;
        var id = (await name.GetAttributeAsync("href"))?.Split('?')[0].Split('/')[^1];
        await staff.Page.Locator("tr.row").First.GetByRole(AriaRole.Button, new() { NameString = "Reject" }).ClickAsync();
        var dialog = staff.Page.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Reject", Exact = true }).ClickAsync();
        await Expect(dialog.GetByLabel("Reason")).ToHaveAttributeAsync("aria-invalid", "true");
        await dialog.GetByLabel("Reason").FillAsync(Reason);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Reject", Exact = true }).ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0);

        await staff.Page.GotoAsync($"/approvals/{id}");
        await Expect(staff.Page.GetByText(Reason).First).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(Visitor.Worker, "/approvals")]
    [InlineData(Visitor.Worker, "/replication")]
    [InlineData(Visitor.Staff, "/timesheets")]
    [InlineData(Visitor.Staff, "/replication/rows")]
    [InlineData(Visitor.Admin, "/approvals")]
    public async Task A_page_of_another_role_is_refused(string account, string path)
    {
        await using var visitor = await portal.SignInAsync(account);
        await visitor.OpenAsync(path, "Not for your account");
    }

    [Fact]
    public async Task Somebody_elses_timesheet_looks_like_one_that_does_not_exist()
    {
        await using var worker = await portal.SignInAsync(Visitor.Worker);
        await worker.OpenAsync("/timesheets/1", "Nothing here");
        var others = await worker.Page.Locator("main").InnerTextAsync();
        await worker.OpenAsync("/timesheets/999999999", "Nothing here");
        (await worker.Page.Locator("main").InnerTextAsync()).ShouldBe(others);
    }

    [Fact]
    public async Task Without_signing_in_there_is_nothing_but_the_sign_in_page()
    {
        await using var stranger = await portal.VisitAsync();
        await stranger.OpenAsync("/timesheets", "Sign in");
        await Expect(stranger.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("returnUrl", System.Text.RegularExpressions.RegexOptions.IgnoreCase));
    }

    [Theory]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(1440, ColorScheme.Dark)]
    public async Task Every_page_is_sound(int width, ColorScheme colours)
    {
        await using (var stranger = await portal.VisitAsync(width, colours))
        {
            await stranger.OpenAsync("/account/sign-in", "Sign in");
            await stranger.PageIsSoundAsync();
        }

        await using (var worker = await portal.SignInAsync(Visitor.Worker, width, colours))
        {
            await worker.OpenAsync("/timesheets", "My timesheets");
            await Expect(worker.Page.Locator(".row").First).ToBeVisibleAsync();
            await worker.PageIsSoundAsync();
            await worker.Page.Locator(".row").First.GetByRole(AriaRole.Link).ClickAsync();
            await Expect(worker.Page.GetByRole(AriaRole.Heading, new() { Name = "History" })).ToBeVisibleAsync();
            await worker.PageIsSoundAsync();
            await worker.OpenAsync("/account/password", "password");
            await worker.PageIsSoundAsync();
            await worker.OpenAsync("/nowhere", "Nothing here");
            await worker.PageIsSoundAsync();
        }

        await using (var staff = await portal.SignInAsync(Visitor.Staff, width, colours))
        {
            foreach (var tab in new[] { "approve", "pay", "decided" })
            {
                await staff.OpenAsync($"/approvals?tab={tab}", "Approvals");
                await Expect(staff.Page.Locator("tr.row").First).ToBeVisibleAsync();
                await staff.PageIsSoundAsync();
            }

            await staff.Page.Locator("a.name").First.ClickAsync();
            await Expect(staff.Page.GetByRole(AriaRole.Heading, new() { Name = "History" })).ToBeVisibleAsync();
            await staff.PageIsSoundAsync();
        }

        await using (var admin = await portal.SignInAsync(Visitor.Admin, width, colours))
        {
            await admin.OpenAsync("/replication", "Sync health");
            await Expect(admin.Page.Locator(".sentence")).ToContainTextAsync("In step");
            await admin.PageIsSoundAsync();
            foreach (var page in new[] { "servers", "triggers", "rows" })
            {
                await admin.Page.GotoAsync($"/replication/{page}");
                await Expect(admin.Page.GetByText("timesheet_old").Or(admin.Page.GetByRole(AriaRole.Table)).First).ToBeVisibleAsync();
                await admin.PageIsSoundAsync();
            }
        }
    }
}
