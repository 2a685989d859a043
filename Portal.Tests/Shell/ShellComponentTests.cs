using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using Portal.Data.Accounts;
using Portal.Web.Shell;

namespace Portal.Tests.Shell;

public sealed class ShellComponentTests : BunitContext
{
    public ShellComponentTests()
    {
        Services.AddMudServices();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Theory]
    [InlineData(AccountRole.Worker, "/timesheets")]
    [InlineData(AccountRole.HospitalStaff, "/approvals")]
    [InlineData(AccountRole.Admin, "/replication", "/replication/plan", "/replication/servers", "/replication/triggers", "/replication/backfill", "/replication/comparison", "/replication/rows", "/replication/alarms", "/replication/audit")]
    public void Each_role_sees_its_own_places(AccountRole role, params string[] places)
    {
        var menu = Render<NavMenu>(p => p.Add(m => m.Role, role));

        menu.FindAll("a").Select(link => link.GetAttribute("href")).ShouldBe(places);
    }

    [Fact]
    public void An_empty_page_says_why_and_what_to_do()
    {
        var state = Render<EmptyState>(p => p
            .Add(s => s.Title, "No timesheets yet")
            .Add(s => s.Text, "They appear when a hospital books you.")
            .AddChildContent("<a href=\"/help\">How it works</a>"));

        state.Find("h2").TextContent.ShouldBe("No timesheets yet");
        state.Find("p").TextContent.ShouldBe("They appear when a hospital books you.");
        state.Find("a").GetAttribute("href").ShouldBe("/help");
    }

    [Fact]
    public async Task What_could_not_be_loaded_can_be_tried_again()
    {
        var tries = 0;
        var state = Render<LoadError>(p => p.Add(e => e.OnRetry, () => { tries++; }));

        state.Find("[role=alert]").TextContent.ShouldContain("Nothing is lost");
        await state.Find("button").ClickAsync(new());

        tries.ShouldBe(1);
    }

    [Fact]
    public void A_page_that_fails_shows_a_reference_and_not_the_exception()
    {
        var boundary = Render<PageErrorBoundary>(p => p
            .AddChildContent<FailingPage>()
            .Add(b => b.ErrorContent, _ => "failed"));

        boundary.Markup.ShouldBe("failed");
        boundary.Instance.Reference.ShouldNotBeNull().Length.ShouldBe(8);
    }

    [Fact]
    public void A_page_has_one_heading_that_takes_the_focus()
    {
        var header = Render<PageHeader>(p => p.Add(h => h.Title, "My timesheets").Add(h => h.Text, "Most urgent first."));

        header.FindAll("h1").ShouldHaveSingleItem().GetAttribute("tabindex").ShouldBe("-1");
        header.Find("p").TextContent.ShouldBe("Most urgent first.");
    }

    private sealed class FailingPage : ComponentBase
    {
        protected override void BuildRenderTree(RenderTreeBuilder builder) => throw new InvalidOperationException("secret detail");
    }
}
