using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data.Accounts;
using Portal.Data.Databases;
using Portal.Tests.Support;

namespace Portal.Tests.Accounts;

/// <summary>A database for the tests of one class, each of which makes accounts of its own in it.</summary>
public sealed class AccountScene : IAsyncLifetime, IDbContextFactory<AccountsDbContext>
{
    public const int HashIterations = 1000;
    public const string Password = "three quiet harbours";

    private static readonly PasswordHasher<PortalAccount> _hasher =
        new(Options.Create(new PasswordHasherOptions { IterationCount = HashIterations }));

    private static int _count;
    private TestDatabases? _databases;

    public TestDatabases Databases => _databases ?? throw new InvalidOperationException("Not yet initialised.");

    public AccountsDbContext CreateDbContext()
    {
        var options = new DbContextOptionsBuilder<AccountsDbContext>();
        options.UsePortalDatabase(Databases.New);
        return new AccountsDbContext(options.Options);
    }

    /// <summary>Somebody new, with <see cref="Password"/>.</summary>
    public async Task<PortalAccount> AddAsync(AccountRole role, Action<PortalAccount>? change = null)
    {
        await using var context = CreateDbContext();
        var email = $"person{Interlocked.Increment(ref _count)}-{Guid.NewGuid():N}@portal.test";
        var account = new PortalAccount
        {
            DisplayName = $"Person {_count}",
            UserName = email,
            NormalizedUserName = email.ToUpperInvariant(),
            Email = email,
            NormalizedEmail = email.ToUpperInvariant(),
            LockoutEnabled = true,
        };
        account.PasswordHash = _hasher.HashPassword(account, Password);
        change?.Invoke(account);
        context.Add(account);
        var name = role.ToString();
        var roleId = await context.Roles.Where(r => r.Name == name).Select(r => r.Id).SingleAsync();
        context.UserRoles.Add(new IdentityUserRole<string> { UserId = account.Id, RoleId = roleId });
        await context.SaveChangesAsync();
        return account;
    }

    public async Task ChangeAsync(PortalAccount account, Action<PortalAccount> change)
    {
        await using var context = CreateDbContext();
        change(await context.Users.SingleAsync(a => a.Id == account.Id));
        await context.SaveChangesAsync();
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Databases.OwnerOfNew.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask InitializeAsync() => _databases = await TestDatabases.CreateAsync();

    public ValueTask DisposeAsync() => Databases.DisposeAsync();
}
