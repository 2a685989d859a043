using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Portal.Data.Accounts;

namespace Portal.Web.Accounts;

public partial class SignIn(
    PortalSignInManager signIn,
    UserManager<PortalAccount> accounts,
    CurrentCaller currentCaller,
    SignInThrottle throttle,
    NavigationManager navigation,
    ILogger<SignIn> logger)
{
    private const string Wrong =
        "The e-mail address or the password is not right. Check both and try again; after several wrong passwords an account is locked for a while.";

    // Compared with when no account matches, so that the answer takes as long as with one.
    private static readonly PortalAccount Nobody = new() { DisplayName = "" };
    private static string? _nobodysHash;

    private EditContext? _edit;
    private string? _message;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = null!;

    [SupplyParameterFromForm(Name = nameof(Input))]
    private SignInForm? Form { get; set; }

    [SupplyParameterFromQuery(Name = "returnUrl")]
    private string? ReturnUrl { get; set; }

    [SupplyParameterFromQuery(Name = "ended")]
    private bool Ended { get; set; }

    [SupplyParameterFromQuery(Name = "signed-out")]
    private bool SignedOut { get; set; }

    [Inject]
    private IOptions<AccountOptions> Options { get; set; } = null!;

    private SignInForm Input => Form ??= new();

    protected override async Task OnInitializedAsync()
    {
        _edit = new EditContext(Input);
        if (!HttpMethods.IsGet(HttpContext.Request.Method) || HttpContext.User.Identity?.IsAuthenticated is not true)
        {
            return;
        }

        if (await currentCaller.GetAsync() is not null)
        {
            navigation.NavigateTo(AccountPaths.Safe(ReturnUrl));
        }
        else
        {
            // The cookie of a session that has ended. Asked for again without it, the page gets a form that can be sent.
            await signIn.SignOutAsync();
            navigation.NavigateTo(navigation.Uri);
        }
    }

    private async Task SubmitAsync()
    {
        var (email, password) = (Input.Email?.Trim() ?? "", Input.Password ?? "");
        // Not sent back to the browser inside the page.
        Input.Password = null;
        if (!throttle.TryFrom(HttpContext.Connection.RemoteIpAddress?.ToString() ?? ""))
        {
            HttpContext.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            _message = "There were too many attempts from your network. Wait a minute, then try again.";
        }
        else if (email.Length is 0 or > 256 || password.Length is 0 or > 256)
        {
            _message = "Enter your e-mail address and your password.";
        }
        else
        {
            var result = await TryAsync(email, password);
            _message = result.Succeeded || result.IsLockedOut ? null : Wrong;
            if (_message is null)
            {
                navigation.NavigateTo(result.Succeeded ? AccountPaths.Safe(ReturnUrl) : AccountPaths.Locked);
            }
        }
    }

    private async Task<SignInResult> TryAsync(string email, string password)
    {
        var account = await accounts.FindByNameAsync(email);
        if (account is { IsDisabled: false })
        {
            var result = await signIn.PasswordSignInAsync(account, password, isPersistent: false, lockoutOnFailure: true);
            LogAttempt(logger, account.Id, result.ToString());
            return result;
        }

        // Nobody, or nobody any more: answers and locks exactly like an account with another password.
        LogAttempt(logger, account?.Id ?? "none", "NoSuchAccount");
        if (!throttle.IsLocked(email))
        {
            _nobodysHash ??= accounts.PasswordHasher.HashPassword(Nobody, Guid.NewGuid().ToString());
            accounts.PasswordHasher.VerifyHashedPassword(Nobody, _nobodysHash, password);
            throttle.Fail(email);
        }

        return throttle.IsLocked(email) ? SignInResult.LockedOut : SignInResult.Failed;
    }

    [LoggerMessage(LogLevel.Information, "Sign-in of account {AccountId}: {Outcome}")]
    private static partial void LogAttempt(ILogger logger, string accountId, string outcome);

    private sealed class SignInForm
    {
        public string? Email { get; set; }

        public string? Password { get; set; }
    }
}
