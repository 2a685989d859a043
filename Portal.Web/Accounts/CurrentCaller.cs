using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Portal.Data.Accounts;

namespace Portal.Web.Accounts;

/// <summary>
/// Who is signed in on this page, asked of the database each time: an event handler is a public endpoint, and the rights
/// may have changed since the page was opened.
/// </summary>
public sealed class CurrentCaller(
    AuthenticationStateProvider authentication,
    CallerAccess access,
    NavigationManager navigation,
    IOptions<IdentityOptions> options)
{
    /// <summary>The caller; null when signed out, disabled, locked, or when the password was changed elsewhere.</summary>
    public async ValueTask<Caller?> GetAsync() => await OfAsync((await authentication.GetAuthenticationStateAsync()).User);

    /// <summary>The same of a request that no page has made, such as a download: only pages have an authentication state.</summary>
    public async ValueTask<Caller?> OfAsync(ClaimsPrincipal user) =>
        user.Identity?.IsAuthenticated is true && user.FindFirstValue(ClaimTypes.NameIdentifier) is { } accountId
            ? await access.LoadAsync(accountId, user.FindFirstValue(options.Value.ClaimsIdentity.SecurityStampClaimType) ?? "")
            : null;

    /// <summary>For a page whose caller is gone: sign in again, then come back to where one was.</summary>
    public void SignInAgain() =>
        navigation.NavigateTo(AccountPaths.SignInThen(new Uri(navigation.Uri).PathAndQuery, sessionEnded: true), forceLoad: true);
}
