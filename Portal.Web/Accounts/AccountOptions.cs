namespace Portal.Web.Accounts;

/// <summary>Section <c>Accounts</c> of the configuration.</summary>
public sealed class AccountOptions
{
    /// <summary>How long an open page may go on after its account was disabled or its password changed.</summary>
    public int RevalidationSeconds { get; set; } = 30;

    /// <summary>Wrong passwords until an account is locked.</summary>
    public int WrongPasswords { get; set; } = 5;

    /// <summary>For how long it is locked.</summary>
    public int LockoutMinutes { get; set; } = 15;

    /// <summary>Sign-in attempts from one address.</summary>
    public int SignInsPerMinute { get; set; } = 20;

    /// <summary>Shows the demo accounts on the sign-in page. Set by the embedded default, which creates them.</summary>
    public bool ShowDemoAccounts { get; set; }
}
