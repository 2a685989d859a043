using Portal.Data.Accounts;

namespace Portal.Web.Accounts;

public static class AccountRoleLabels
{
    /// <summary>The role in the words used on screen.</summary>
    public static string Label(this AccountRole role) => role switch
    {
        AccountRole.Worker => "Worker",
        AccountRole.HospitalStaff => "Hospital staff",
        AccountRole.Admin => "Administrator",
        _ => role.ToString(),
    };
}
