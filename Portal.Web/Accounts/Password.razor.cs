using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Portal.Data.Accounts;

namespace Portal.Web.Accounts;

public partial class Password(
    PortalSignInManager signIn,
    UserManager<PortalAccount> accounts,
    SignInThrottle throttle,
    NavigationManager navigation,
    IOptions<IdentityOptions> options)
{
    private string? _message;

    [CascadingParameter]
    private HttpContext HttpContext { get; set; } = null!;

    [SupplyParameterFromForm(Name = nameof(Input))]
    private PasswordForm? Form { get; set; }

    [SupplyParameterFromQuery(Name = "changed")]
    private bool Changed { get; set; }

    private PasswordForm Input => Form ??= new();

    private int MinimumLength => options.Value.Password.RequiredLength;

    private async Task SubmitAsync()
    {
        var form = Input;
        Form = new PasswordForm();
        if (await accounts.GetUserAsync(HttpContext.User) is not { } account)
        {
            navigation.NavigateTo(AccountPaths.SignInThen(AccountPaths.Password));
            return;
        }

        _message = await ChangeAsync(account, form.Current ?? "", form.New ?? "", form.Repeat ?? "");
        if (_message is null)
        {
            await signIn.RefreshSignInAsync(account);
            navigation.NavigateTo($"{AccountPaths.Password}?changed=true");
        }
    }

    /// <summary>Null when the password is as wanted, otherwise what to do.</summary>
    private async Task<string?> ChangeAsync(PortalAccount account, string current, string wanted, string repeat)
    {
        if (wanted.Length < MinimumLength || wanted.Length > 256)
        {
            return $"The new password needs at least {MinimumLength} characters (at most 256). Yours has {wanted.Length}.";
        }

        if (wanted != repeat)
        {
            return "The two new passwords differ. Type the new password twice.";
        }

        if (throttle.IsLocked(account.Id))
        {
            return "There were too many wrong passwords. Try again later.";
        }

        var isCurrent = await accounts.CheckPasswordAsync(account, current);
        if (isCurrent && current == wanted)
        {
            return "That is the password you have already. Choose another one.";
        }

        // A form sent twice: the first has changed it, so the present password is the new one.
        if (!isCurrent && await accounts.CheckPasswordAsync(account, wanted))
        {
            return null;
        }

        if (!isCurrent)
        {
            throttle.Fail(account.Id);
            return "The present password is not right. Nothing was changed.";
        }

        var result = await accounts.ChangePasswordAsync(account, current, wanted);
        return result.Succeeded ? null : "The password could not be changed just now. Try again.";
    }

    private sealed class PasswordForm
    {
        public string? Current { get; set; }

        public string? New { get; set; }

        public string? Repeat { get; set; }
    }
}
