using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;
using Portal.Web.Shell;

namespace Portal.Tests.Shell;

public sealed class DraftKeeperTests : BunitContext
{
    private readonly BunitAuthorizationContext _signIn;
    private readonly BunitJSModuleInterop _module;

    public DraftKeeperTests()
    {
        Services.AddScoped<DraftKeeper>();
        _signIn = AddAuthorization();
        _signIn.SetAuthorized("Amara").SetClaims(new System.Security.Claims.Claim(System.Security.Claims.ClaimTypes.NameIdentifier, "amara"));
        _module = JSInterop.SetupModule("/shell/drafts.js");
    }

    private DraftKeeper Drafts => Services.GetRequiredService<DraftKeeper>();

    [Fact]
    public async Task A_draft_belongs_to_the_account_that_typed_it()
    {
        var save = _module.Setup<object?>("save", "amara:timesheet-7", "{}").SetResult(null);

        await Drafts.SaveAsync("timesheet-7", "{}");

        save.Invocations.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_draft_typed_as_the_session_ends_still_belongs_to_its_account()
    {
        _module.Setup<string?>("take", "amara:timesheet-7").SetResult("kept");
        await Drafts.TakeAsync("timesheet-7");

        _signIn.SetNotAuthorized();

        (await Drafts.TakeAsync("timesheet-7")).ShouldBe("kept");
    }

    [Fact]
    public async Task A_browser_that_refuses_storage_does_not_break_the_page()
    {
        _module.Setup<object?>("save", "amara:timesheet-7", "{}").SetException(new JSException("QuotaExceededError"));
        _module.Setup<string?>("take", "amara:timesheet-7").SetException(new JSException("SecurityError"));

        await Drafts.SaveAsync("timesheet-7", "{}");

        (await Drafts.TakeAsync("timesheet-7")).ShouldBeNull();
    }
}
