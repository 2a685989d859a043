using Microsoft.AspNetCore.Identity;

namespace Portal.Data.Accounts;

/// <summary>Somebody who can sign in. The user name is the e-mail address.</summary>
public sealed class PortalAccount : IdentityUser
{
    /// <summary>The person's name as others see it.</summary>
    public required string DisplayName { get; set; }

    /// <summary>The worker this account belongs to; null for everyone who is not a worker.</summary>
    public long? WorkerId { get; set; }

    /// <summary>Kept for the history, but may not sign in; open sessions end.</summary>
    public bool IsDisabled { get; set; }

    /// <summary>The hospitals a member of hospital staff decides for.</summary>
    public ICollection<AccountHospital> Hospitals { get; } = [];
}

/// <summary>That an account decides for a hospital.</summary>
public sealed class AccountHospital
{
    public required string AccountId { get; init; }

    public required long HospitalId { get; init; }
}
