using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Portal.Data.Accounts;
using Portal.Web.Accounts;

namespace Portal.Web.Shell;

/// <summary>App bar, navigation and the place of the page.</summary>
public partial class MainLayout
{
    private Caller? _caller;
    private bool _isDrawerOpen = true;
    private PageErrorBoundary? _boundary;

    [Inject]
    private CurrentCaller CurrentCaller { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [CascadingParameter]
    private Task<AuthenticationState>? SignIn { get; set; }

    // With <base href="/"> a bare "#content" would lead away from the page.
    private string SkipTarget => new Uri(Navigation.Uri).PathAndQuery + "#content";

    // Runs on every navigation and when the session ends, because the body and the sign-in are parameters.
    protected override async Task OnParametersSetAsync()
    {
        _boundary?.Recover();
        if (SignIn is not null && (await SignIn).User.Identity?.IsAuthenticated is true)
        {
            _caller ??= await CurrentCaller.GetAsync();
        }
        else
        {
            _caller = null;
        }
    }

    private void ToggleDrawer() => _isDrawerOpen = !_isDrawerOpen;

    private void Recover() => _boundary?.Recover();
}
