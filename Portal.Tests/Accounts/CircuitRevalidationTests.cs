using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Portal.Data.Accounts;
using Portal.Web.Accounts;

namespace Portal.Tests.Accounts;

public sealed class CircuitRevalidationTests(AccountScene scene) : IClassFixture<AccountScene>
{
    public static TheoryData<string, Action<PortalAccount>> Ends { get; } = new()
    {
        { "disabled", account => account.IsDisabled = true },
        { "locked", account => account.LockoutEnd = DateTimeOffset.UtcNow.AddMinutes(15) },
        { "another password", account => account.SecurityStamp = "changed" },
    };

    [Theory]
    [MemberData(nameof(Ends), DisableDiscoveryEnumeration = true)]
    public async Task An_open_page_is_signed_out_when_its_account_is(string reason, Action<PortalAccount> change)
    {
        var account = await scene.AddAsync(AccountRole.Worker, a => a.DisplayName = reason);
        using var circuit = Circuit(account);
        var signedOut = SignedOutAsync(circuit);

        await scene.ChangeAsync(account, change);

        var state = await signedOut.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        state.User.Identity?.IsAuthenticated.ShouldNotBe(true);
    }

    private CircuitRevalidation Circuit(PortalAccount account)
    {
        var circuit = new CircuitRevalidation(
            NullLoggerFactory.Instance,
            new CallerAccess(scene, TimeProvider.System),
            Options.Create(new IdentityOptions()),
            Options.Create(new AccountOptions { RevalidationSeconds = 1 }));
        var claims = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.NameIdentifier, account.Id),
                new Claim(ClaimTypes.Role, nameof(AccountRole.Worker)),
                new Claim(new ClaimsIdentityOptions().SecurityStampClaimType, account.SecurityStamp ?? ""),
            ],
            "test");
        circuit.SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(claims))));
        return circuit;
    }

    private static Task<AuthenticationState> SignedOutAsync(CircuitRevalidation circuit)
    {
        var changed = new TaskCompletionSource<AuthenticationState>();
        circuit.AuthenticationStateChanged += async state => changed.TrySetResult(await state);
        return changed.Task;
    }
}
