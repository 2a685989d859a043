namespace Portal.Data.Accounts;

/// <summary>The role names as constants, for <c>[Authorize(Roles = AccountRoles.Worker)]</c>.</summary>
public static class AccountRoles
{
    public const string Worker = nameof(AccountRole.Worker);
    public const string HospitalStaff = nameof(AccountRole.HospitalStaff);
    public const string Admin = nameof(AccountRole.Admin);
}
