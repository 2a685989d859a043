using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Portal.Data.Accounts;

namespace Portal.Web.Accounts;

/// <summary>
/// Signs open circuits out when their account is disabled or locked, its password was changed elsewhere, or it was
/// given another role.
/// </summary>
public sealed class CircuitRevalidation(
    ILoggerFactory loggerFactory,
    CallerAccess access,
    IOptions<IdentityOptions> identity,
    IOptions<AccountOptions> options)
    : RevalidatingServerAuthenticationStateProvider(loggerFactory)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(options.Value.RevalidationSeconds);

    protected override async Task<bool> ValidateAuthenticationStateAsync(
        AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        var user = authenticationState.User;
        return user.FindFirstValue(ClaimTypes.NameIdentifier) is { } accountId
            && user.FindFirstValue(identity.Value.ClaimsIdentity.SecurityStampClaimType) is { } stamp
            && await access.LoadAsync(accountId, stamp, cancellationToken) is { } caller
            && user.IsInRole(caller.Role.ToString());
    }
}
