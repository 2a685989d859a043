namespace Portal.Web.Accounts;

/// <summary>Addresses of the account pages.</summary>
public static class AccountPaths
{
    public const string SignIn = "/account/sign-in";
    public const string SignOut = "/account/sign-out";
    public const string Password = "/account/password";
    public const string Denied = "/account/denied";
    public const string Locked = "/account/locked";

    /// <summary>The sign-in page that leads back to an address of this portal.</summary>
    public static string SignInThen(string pathAndQuery, bool sessionEnded = false) =>
        $"{SignIn}?returnUrl={Uri.EscapeDataString(pathAndQuery)}{(sessionEnded ? "&ended=true" : "")}";

    /// <summary>
    /// Where to go after signing in: the address asked for when it lies within this portal, otherwise the start page,
    /// because a link to the sign-in page must not be able to lead to another site.
    /// </summary>
    public static string Safe(string? returnUrl) =>
        returnUrl is ['/', ..]
        && returnUrl is not ['/', '/' or '\\', ..]
        && !returnUrl.Any(char.IsControl)
        && !returnUrl.StartsWith("/account/", StringComparison.OrdinalIgnoreCase)
            ? returnUrl
            : "/";
}
