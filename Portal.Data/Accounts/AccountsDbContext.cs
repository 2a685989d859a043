using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data.Accounts;

/// <summary>
/// Accounts, their roles and what they are bound to, and the keys that protect cookies.
/// The tables are made by <c>db-scripts/new/0005_identity.sql</c>.
/// </summary>
public sealed class AccountsDbContext(DbContextOptions<AccountsDbContext> options)
    : IdentityDbContext<PortalAccount>(options), IDataProtectionKeyContext
{
    /// <summary>In the database, so that a restart, or a second instance, keeps people signed in.</summary>
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    public DbSet<AccountHospital> AccountHospitals => Set<AccountHospital>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.HasDefaultSchema("identity");

        builder.Entity<PortalAccount>(account =>
        {
            account.ToTable("account");
            account.Property(a => a.UserName).IsRequired();
            account.Property(a => a.NormalizedUserName).IsRequired();
            account.Property(a => a.Email).IsRequired();
            account.Property(a => a.NormalizedEmail).IsRequired();
            account.Property(a => a.SecurityStamp).IsRequired();
            account.HasMany(a => a.Hospitals).WithOne().HasForeignKey(h => h.AccountId);
        });
        builder.Entity<AccountHospital>().ToTable("account_hospital").HasKey(h => new { h.AccountId, h.HospitalId });
        builder.Entity<IdentityRole>(role =>
        {
            role.ToTable("role");
            role.Property(r => r.Name).IsRequired();
            role.Property(r => r.NormalizedName).IsRequired();
        });
        builder.Entity<IdentityRoleClaim<string>>().ToTable("role_claim");
        builder.Entity<IdentityUserRole<string>>().ToTable("account_role").Property(r => r.UserId).HasColumnName("account_id");
        builder.Entity<IdentityUserClaim<string>>().ToTable("account_claim").Property(c => c.UserId).HasColumnName("account_id");
        builder.Entity<DataProtectionKey>().ToTable("data_protection_key");

        // What follows is Identity's schema version 3. Identity takes the version from the web's options; said here
        // too, a context made without them sees the same tables.
        builder.Entity<PortalAccount>().Property(a => a.PhoneNumber).HasMaxLength(256);
        builder.Entity<IdentityUserLogin<string>>(login =>
        {
            login.ToTable("account_login").Property(l => l.UserId).HasColumnName("account_id");
            login.Property(l => l.LoginProvider).HasMaxLength(128);
            login.Property(l => l.ProviderKey).HasMaxLength(128);
        });
        builder.Entity<IdentityUserToken<string>>(token =>
        {
            token.ToTable("account_token").Property(t => t.UserId).HasColumnName("account_id");
            token.Property(t => t.LoginProvider).HasMaxLength(128);
            token.Property(t => t.Name).HasMaxLength(128);
        });
        builder.Entity<IdentityUserPasskey<string>>(passkey =>
        {
            passkey.ToTable("account_passkey").HasKey(p => p.CredentialId);
            passkey.Property(p => p.CredentialId).HasMaxLength(1024);
            passkey.Property(p => p.UserId).HasColumnName("account_id");
            passkey.HasOne<PortalAccount>().WithMany().HasForeignKey(p => p.UserId).IsRequired();
            passkey.OwnsOne(p => p.Data).ToJson("data");
        });
    }
}
