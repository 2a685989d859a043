using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Portal.Data.Accounts;

namespace Portal.Web.Accounts;

/// <summary>Identity's sign-in, which also knows disabled accounts.</summary>
public sealed class PortalSignInManager(
    UserManager<PortalAccount> accounts,
    IHttpContextAccessor context,
    IUserClaimsPrincipalFactory<PortalAccount> claims,
    IOptions<IdentityOptions> options,
    ILogger<SignInManager<PortalAccount>> logger,
    IAuthenticationSchemeProvider schemes,
    IUserConfirmation<PortalAccount> confirmation)
    : SignInManager<PortalAccount>(accounts, context, claims, options, logger, schemes, confirmation)
{
    public override async Task<bool> CanSignInAsync(PortalAccount user) =>
        !user.IsDisabled && await base.CanSignInAsync(user);

    /// <inheritdoc />
    public override async Task<PortalAccount?> ValidateSecurityStampAsync(ClaimsPrincipal? principal) =>
        await base.ValidateSecurityStampAsync(principal) is { IsDisabled: false } account ? account : null;
}
