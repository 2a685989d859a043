using System.Collections.Concurrent;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Journeys;

/// <summary>Somebody at the portal, with a browser of the own.</summary>
public sealed class Visitor : IAsyncDisposable
{
    public const string Worker = "worker@portal.test";
    public const string Staff = "staff@portal.test";
    public const string Admin = "admin@portal.test";
    private const string Password = "Portal-demo-2026";

    private readonly IBrowserContext context;
    private readonly ConcurrentQueue<string> strangers = [];

    public Visitor(IBrowserContext context, IPage page, string address)
    {
        this.context = context;
        Page = page;
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(address, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                strangers.Enqueue(request.Url);
            }
        };
    }

    public IPage Page { get; }

    public async Task SignInAsync(string account)
    {
        await Page.GotoAsync("/account/sign-in");
        await Page.GetByLabel("E-mail address").FillAsync(account);
        await Page.GetByLabel("Password").FillAsync(Password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).Not.ToHaveTextAsync("Sign in");
    }

    /// <summary>Opens a page and waits until it shows what it is for.</summary>
    public async Task OpenAsync(string path, string heading)
    {
        await Page.GotoAsync(path);
        await SeesHeadingAsync(heading);
    }

    public async Task SeesHeadingAsync(string heading) =>
        await Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync(heading);

    /// <summary>The page has no serious fault for people who use assistive technology, fits the screen, and asks nobody else for anything.</summary>
    public async Task PageIsSoundAsync()
    {
        await Expect(Page.GetByRole(AriaRole.Progressbar)).ToHaveCountAsync(0);
        var found = await Page.RunAxe();
        found.Violations.Where(v => v.Impact is "serious" or "critical")
            .Select(v => $"{Page.Url}: {v.Id}: {v.Help}: {string.Join(", ", v.Nodes.Select(n => n.Html))}")
            .ShouldBeEmpty();
        (await Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
            .ShouldBeTrue($"{Page.Url} is wider than the screen");
        strangers.ShouldBeEmpty();
    }

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
