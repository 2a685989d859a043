using Bunit;
using NodaTime;
using Portal.Data.Timesheets;
using Portal.Tests.Support;
using Portal.Web.Timesheets;

namespace Portal.Tests.Timesheets;

public sealed class TimesheetsPageTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private WorkerPages pages = null!;

    private WorkerScene Scene => pages.Scene;

    public async ValueTask InitializeAsync() => pages = await WorkerPages.Open(database);

    public ValueTask DisposeAsync() => pages.DisposeAsync();

    [Fact]
    public async Task Each_timesheet_shows_when_where_how_long_how_much_and_its_status()
    {
        var id = await Scene.Add(TimesheetStatus.Submitted);
        await Scene.Decide(id, TimesheetStatus.Rejected, "You left at 15:30.");

        var row = Open("/timesheets").WaitForElement(".row");

        row.QuerySelector("a").ShouldNotBeNull().GetAttribute("href").ShouldBe($"/timesheets/{id}");
        foreach (var text in new[] { "Tue 2 Jun 2026", Scene.Hospital.Name, "Ward 4", "08:00–16:00", "7 h 30 min", "£150.00", "Rejected", "You left at 15:30." })
        {
            row.TextContent.ShouldContain(text);
        }
    }

    [Fact]
    public async Task The_address_says_what_is_shown()
    {
        await Scene.Add(TimesheetStatus.Submitted);
        var draft = await Scene.Add(plan: new(WorkerScene.Eight + Duration.FromDays(1), WorkerScene.Eight + Duration.FromHours(30), 0));

        var page = Open("/timesheets?status=draft");

        page.WaitForElement(".row");
        page.FindAll(".date").Select(a => a.GetAttribute("href")).ShouldBe([$"/timesheets/{draft}"]);
        page.Find(".filter [aria-current=page]").TextContent.ShouldContain("Draft");
        page.Find(".totals").TextContent.ShouldContain("1 timesheet");
    }

    [Theory]
    [InlineData("?status=nonsense&page=abc")]
    [InlineData("?status=99&page=-4")]
    [InlineData("?page=99999999999999")]
    public async Task Nonsense_in_the_address_shows_everything(string query)
    {
        await Scene.Add();

        Open("/timesheets" + query).WaitForElement(".row");
    }

    [Fact]
    public void Without_any_timesheet_it_says_what_will_come()
    {
        var page = Open("/timesheets");

        page.WaitForAssertion(() => page.Markup.ShouldContain("No timesheets yet"));
    }

    [Fact]
    public async Task A_filter_without_a_hit_says_so_and_leads_back()
    {
        await Scene.Add();

        var page = Open("/timesheets?status=paid");

        page.WaitForAssertion(() => page.Markup.ShouldContain("Nothing paid"));
        page.FindAll("a").ShouldContain(a => a.TextContent.Trim() == "Show all");
    }

    [Fact]
    public async Task Somebody_whose_account_was_switched_off_is_sent_to_sign_in()
    {
        await pages.DisableAccount();

        var page = Open("/timesheets");

        page.WaitForAssertion(() => pages.Navigation.Uri.ShouldContain("/account/sign-in"));
    }

    private IRenderedComponent<TimesheetsPage> Open(string address)
    {
        pages.Navigation.NavigateTo(address);
        return pages.Show<TimesheetsPage>().Page;
    }
}
