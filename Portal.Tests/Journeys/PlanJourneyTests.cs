using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Journeys;

/// <summary>The plan of the migration in a real browser.</summary>
public sealed class PlanJourneyTests(RunningPortal portal) : IClassFixture<RunningPortal>
{
    [Fact]
    public async Task Of_two_admins_who_press_the_same_button_at_once_one_takes_the_step_and_the_other_is_told()
    {
        await using var first = await portal.SignInAsync(Visitor.Admin);
        await using var second = await portal.SignInAsync(Visitor.Admin);
        foreach (var admin in new[] { first, second })
        {
            await admin.OpenAsync("/replication/plan", "Plan");
            await admin.Page.GetByRole(AriaRole.Button, new() { Name = "Take “Prepare”", Exact = true }).ClickAsync();
            await Expect(Take(admin)).ToBeVisibleAsync();
        }

        await Task.WhenAll(Take(first).ClickAsync(), Take(second).ClickAsync());

        var (told, noted) = ("has already taken “Prepare”", "Noted: everything is in place.");
        await Expect(Said(first, told).Or(Said(first, noted))).ToBeVisibleAsync();
        await Expect(Said(second, told).Or(Said(second, noted))).ToBeVisibleAsync();
        (await Said(first, told).CountAsync() + await Said(second, told).CountAsync()).ShouldBe(1);
        foreach (var admin in new[] { first, second })
        {
            await Expect(admin.Page.Locator(".step.next h2")).ToContainTextAsync("Backfill");
            await Expect(admin.Page.Locator(".step.taken")).ToHaveCountAsync(1);
        }
    }

    [Theory]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(1440, ColorScheme.Dark)]
    public async Task The_page_is_sound(int width, ColorScheme colours)
    {
        await using var admin = await portal.SignInAsync(Visitor.Admin, width, colours);
        await admin.OpenAsync("/replication/plan", "Plan");
        await Expect(admin.Page.Locator(".step")).ToHaveCountAsync(6);
        foreach (var summary in await admin.Page.Locator("summary").AllAsync())
        {
            await summary.ClickAsync();
        }

        await admin.PageIsSoundAsync();
    }

    private static ILocator Take(Visitor admin) =>
        admin.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Take it", Exact = true });

    private static ILocator Said(Visitor admin, string what) => admin.Page.Locator(".mud-snackbar", new() { HasText = what });
}
