using Microsoft.EntityFrameworkCore;

namespace Portal.Data.Accounts;

/// <summary>Says what an account may do at this moment.</summary>
public sealed class CallerAccess(IDbContextFactory<AccountsDbContext> contexts, TimeProvider time)
{
    /// <summary>
    /// The caller behind an account; null when there is none, or when it is disabled, locked or without a role.
    /// </summary>
    /// <param name="accountId">The account.</param>
    /// <param name="securityStamp">
    /// The stamp of the session. When given, a session from before the last change of password is refused as well.
    /// </param>
    public async Task<Caller?> LoadAsync(
        string accountId, string? securityStamp = null, CancellationToken cancellationToken = default)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var account = await context.Users
            .Where(a => a.Id == accountId && !a.IsDisabled && (a.LockoutEnd == null || a.LockoutEnd <= now))
            .Where(a => securityStamp == null || a.SecurityStamp == securityStamp)
            .Select(a => new
            {
                a.DisplayName,
                a.WorkerId,
                Role = context.UserRoles.Where(r => r.UserId == a.Id)
                    .Join(context.Roles, r => r.RoleId, role => role.Id, (_, role) => role.Name)
                    .FirstOrDefault(),
                Hospitals = a.Hospitals.Select(h => h.HospitalId).ToList(),
            })
            .FirstOrDefaultAsync(cancellationToken);

        return account is not null && Enum.TryParse<AccountRole>(account.Role, out var role)
            ? new Caller(
                accountId,
                account.DisplayName,
                role,
                account.WorkerId,
                role is AccountRole.HospitalStaff ? account.Hospitals.ToHashSet() : [])
            : null;
    }
}
