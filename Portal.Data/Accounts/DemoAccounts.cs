using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Data.Accounts;

/// <summary>The accounts to try the portal with. Only ever created beside demo data.</summary>
public static class DemoAccounts
{
    /// <summary>The password of all of them, shown on the sign-in page of the embedded default.</summary>
    public const string Password = "Portal-demo-2026";

    /// <summary>One of each role. Worker 33 and hospitals 15 and 16 are in the demo data.</summary>
    public static IReadOnlyList<DemoAccount> All { get; } =
    [
        new("worker@portal.test", "Worker", AccountRole.Worker, WorkerId: 33, []),
        new("staff@portal.test", "Robin Hale", AccountRole.HospitalStaff, WorkerId: null, [15, 16]),
        new("admin@portal.test", "Alex Moreno", AccountRole.Admin, WorkerId: null, []),
    ];

    /// <summary>
    /// Creates those that are missing and leaves the others as they are. A worker takes the name of the worker record;
    /// hospitals that do not exist are left out.
    /// </summary>
    public static async Task CreateAsync(NpgsqlDataSource database, CancellationToken cancellationToken = default)
    {
        var options = new DbContextOptionsBuilder<AccountsDbContext>();
        options.UsePortalDatabase(database);
        await using var context = new AccountsDbContext(options.Options);
        var roles = await context.Roles.ToDictionaryAsync(role => role.Name ?? "", role => role.Id, cancellationToken);
        var hasher = new PasswordHasher<PortalAccount>();
        foreach (var demo in All)
        {
            var normalized = demo.Email.ToUpperInvariant();
            if (await context.Users.AnyAsync(account => account.NormalizedUserName == normalized, cancellationToken))
            {
                continue;
            }

            var account = new PortalAccount
            {
                DisplayName = await WorkerNameAsync(context, demo.WorkerId, cancellationToken) ?? demo.DisplayName,
                WorkerId = demo.WorkerId,
                UserName = demo.Email,
                NormalizedUserName = normalized,
                Email = demo.Email,
                NormalizedEmail = normalized,
                EmailConfirmed = true,
                LockoutEnabled = true,
            };
            account.PasswordHash = hasher.HashPassword(account, Password);
            foreach (var hospital in await KnownHospitalsAsync(context, demo.HospitalIds, cancellationToken))
            {
                account.Hospitals.Add(new AccountHospital { AccountId = account.Id, HospitalId = hospital });
            }

            context.Users.Add(account);
            context.UserRoles.Add(new() { UserId = account.Id, RoleId = roles[demo.Role.ToString()] });
        }

        await context.SaveChangesAsync(cancellationToken);
    }

    private static async Task<string?> WorkerNameAsync(
        AccountsDbContext context, long? workerId, CancellationToken cancellationToken) =>
        workerId is null ? null : await context.Database
            .SqlQuery<string>($"select name as \"Value\" from public.worker where id = {workerId}")
            .FirstOrDefaultAsync(cancellationToken);

    private static Task<List<long>> KnownHospitalsAsync(
        AccountsDbContext context, IReadOnlyList<long> ids, CancellationToken cancellationToken) =>
        context.Database
            .SqlQuery<long>($"select id as \"Value\" from public.hospital where id = any ({ids.ToArray()})")
            .ToListAsync(cancellationToken);
}

/// <summary>What makes a demo account.</summary>
public sealed record DemoAccount(
    string Email, string DisplayName, AccountRole Role, long? WorkerId, IReadOnlyList<long> HospitalIds);
