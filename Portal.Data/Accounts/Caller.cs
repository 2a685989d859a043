namespace Portal.Data.Accounts;

/// <summary>What an account may do. The names are those of the Identity roles.</summary>
public enum AccountRole
{
    /// <summary>Works shifts; sees and changes the own timesheets.</summary>
    Worker,

    /// <summary>Decides on the timesheets of the own hospitals.</summary>
    HospitalStaff,

    /// <summary>Watches over the replication.</summary>
    Admin,
}

/// <summary>Who calls a service. Loaded afresh from the database for each call, so that a change of rights takes effect at once.</summary>
/// <param name="AccountId">Identity of the account.</param>
/// <param name="Name">Name to show and to record in the history.</param>
/// <param name="Role">The one role of the account.</param>
/// <param name="WorkerId">The worker a worker's account is bound to.</param>
/// <param name="HospitalIds">The hospitals a staff account is bound to; empty for everyone else.</param>
public sealed record Caller(
    string AccountId,
    string Name,
    AccountRole Role,
    long? WorkerId,
    IReadOnlySet<long> HospitalIds);
