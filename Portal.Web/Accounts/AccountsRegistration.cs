using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Web.Accounts;

/// <summary>What Program.cs needs of the accounts.</summary>
public static class AccountsRegistration
{
    /// <summary>Sign-in with cookies. Needs the data source of the new database, see AddPortalDatabases.</summary>
    public static IServiceCollection AddPortalAccounts(this IServiceCollection services)
    {
        services.AddOptions<AccountOptions>().BindConfiguration("Accounts");
        services.AddDbContextFactory<AccountsDbContext>((provider, options) => options
            .UsePortalDatabase(provider.GetRequiredKeyedService<NpgsqlDataSource>(DatabaseNames.New)));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<CallerAccess>();
        services.AddSingleton<SignInThrottle>();
        services.AddScoped<CurrentCaller>();
        services.AddScoped<AuthenticationStateProvider, CircuitRevalidation>();
        services.AddCascadingAuthenticationState();
        services.AddHttpContextAccessor();
        services.AddAuthorization();

        services.AddDataProtection().SetApplicationName("Portal").PersistKeysToDbContext<AccountsDbContext>();

        services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies();
        services.AddIdentityCore<PortalAccount>(Rules)
            .AddRoles<IdentityRole>()
            .AddEntityFrameworkStores<AccountsDbContext>()
            .AddSignInManager<PortalSignInManager>();
        services.ConfigureApplicationCookie(Cookie);
        services.Configure<PasswordHasherOptions>(options => options.IterationCount = 210_000);
        services.AddOptions<IdentityOptions>().Configure<IOptions<AccountOptions>>((identity, accounts) =>
        {
            identity.Lockout.MaxFailedAccessAttempts = accounts.Value.WrongPasswords;
            identity.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(accounts.Value.LockoutMinutes);
        });
        services.AddOptions<SecurityStampValidatorOptions>().Configure<IOptions<AccountOptions>>((stamp, accounts) =>
            stamp.ValidationInterval = TimeSpan.FromSeconds(accounts.Value.RevalidationSeconds));
        return services;
    }

    /// <summary>Comes after UsePortalShell and before the pages are mapped.</summary>
    public static WebApplication UsePortalAccounts(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseHarmlessRepeats();
        app.UseAntiforgery();
        return app;
    }

    private static void Rules(IdentityOptions options)
    {
        // Length is what makes a password hard to guess; rules of composition make people write it down.
        options.Password.RequiredLength = 15;
        options.Password.RequiredUniqueChars = 1;
        options.Password.RequireDigit = options.Password.RequireLowercase = false;
        options.Password.RequireUppercase = options.Password.RequireNonAlphanumeric = false;
        options.User.RequireUniqueEmail = true;
        options.User.AllowedUserNameCharacters = "";
        options.Stores.SchemaVersion = IdentitySchemaVersions.Version3;
    }

    private static void Cookie(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "portal-session";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = TimeSpan.FromHours(8);
        options.SlidingExpiration = true;
        options.LoginPath = AccountPaths.SignIn;
        options.LogoutPath = AccountPaths.SignOut;
        options.AccessDeniedPath = AccountPaths.Denied;
        options.ReturnUrlParameter = "returnUrl";
    }
}
