using System.Security.Claims;
using AngleSharp.Dom;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;
using Portal.Data.Accounts;
using Portal.Data.Approvals;
using Portal.Data.Databases;
using Portal.Data.Payments;
using Portal.Tests.Support;
using Portal.Web.Accounts;
using Portal.Web.Shell;

namespace Portal.Tests.Approvals;

/// <summary>The hospital's pages as a member of staff sees them, on a real database.</summary>
internal sealed class StaffBrowser : BunitContext, IDbContextFactory<AccountsDbContext>
{
    private readonly TestDatabases databases;
    private readonly string accountId = Guid.NewGuid().ToString();
    private IRenderedComponent<IComponent>? shown;

    private StaffBrowser(TestDatabases databases, HospitalScene scene)
    {
        this.databases = databases;
        Scene = scene;
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddSingleton(scene.Queue).AddSingleton(scene.Approvals).AddSingleton(scene.Payments);
        Services.AddSingleton<IDbContextFactory<AccountsDbContext>>(this).AddSingleton(TimeProvider.System);
        Services.AddSingleton<CallerAccess>().AddScoped<CurrentCaller>().AddScoped<DraftKeeper>();
        Services.AddOptions();
    }

    public HospitalScene Scene { get; }

    public string Address => Services.GetRequiredService<NavigationManager>().Uri;

    /// <summary>Everything that is on the screen.</summary>
    public IRenderedComponent<IComponent> Screen => shown ?? throw new InvalidOperationException("Open a page first.");

    public string Text => string.Join(' ', Screen.Nodes.Select(n => n.TextContent));

    /// <summary>Signed in as <see cref="HospitalScene.Anna"/>.</summary>
    public static async Task<StaffBrowser> SignIn(DatabaseFixture database)
    {
        var databases = database.Databases;
        var browser = new StaffBrowser(databases, await HospitalScene.Create(databases));
        var id = browser.accountId;
        await using (var db = browser.CreateDbContext())
        {
            db.Users.Add(new PortalAccount
            {
                Id = id,
                DisplayName = "Anna Lee",
                UserName = id + "@portal.test",
                NormalizedUserName = id.ToUpperInvariant() + "@PORTAL.TEST",
                Email = id + "@portal.test",
                NormalizedEmail = id.ToUpperInvariant() + "@PORTAL.TEST",
                SecurityStamp = "stamp",
            });
            await db.SaveChangesAsync();
            db.UserRoles.Add(new() { UserId = id, RoleId = "hospital-staff" });
            db.AccountHospitals.Add(new() { AccountId = id, HospitalId = browser.Scene.Hospital.Id });
            await db.SaveChangesAsync();
        }

        browser.AddAuthorization().SetAuthorized("Anna Lee").SetClaims(
            new Claim(ClaimTypes.NameIdentifier, id), new Claim("AspNet.Identity.SecurityStamp", "stamp"));
        return browser;
    }

    /// <summary>The database stops answering.</summary>
    public void LoseTheDatabase()
    {
        Services.AddSingleton(new ApprovalQueue(new NoDatabase()));
        Services.AddSingleton(new ApprovalService(new NoDatabase(), Scene.Time));
        Services.AddSingleton(new PaymentService(new NoDatabase(), Scene.Time));
    }

    public void Open<TPage>(string address, params (string Name, object Value)[] parameters)
        where TPage : IComponent
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        shown = Render(builder =>
        {
            builder.OpenComponent<MudPopoverProvider>(0);
            builder.CloseComponent();
            builder.OpenComponent<MudDialogProvider>(1);
            builder.CloseComponent();
            builder.OpenComponent<MudSnackbarProvider>(2);
            builder.CloseComponent();
            builder.OpenComponent<TPage>(3);
            foreach (var (name, value) in parameters)
            {
                builder.AddComponentParameter(4, name, value);
            }

            builder.CloseComponent();
        });
    }

    /// <summary>Follows a link of the page that is open.</summary>
    public void Follow(string address) => Services.GetRequiredService<NavigationManager>().NavigateTo(address);

    /// <summary>Waits until the browser was sent to an address.</summary>
    public void WaitUntilSentTo(string address) => Screen.WaitForAssertion(() =>
        Services.GetRequiredService<BunitNavigationManager>().History.ShouldContain(h => h.Uri.Contains(address, StringComparison.Ordinal)));

    /// <summary>Waits until the text is there.</summary>
    public void See(string text) => Screen.WaitForAssertion(() => Text.ShouldContain(text));

    public void SeeNoLonger(string text) => Screen.WaitForAssertion(() => Text.ShouldNotContain(text));

    /// <summary>Presses the button with this name, once it is there and can be pressed.</summary>
    public void Press(string name)
    {
        Screen.WaitForState(() => Button(name) is { } b && !b.HasAttribute("disabled"));
        // Does not wait for what follows: that may be a dialogue, which waits for the next press.
        Button(name)?.Click();
    }

    public bool Has(string name) => Button(name) is not null;

    /// <summary>From now on the account may do nothing any more.</summary>
    public async Task DisableAccount()
    {
        await using var db = CreateDbContext();
        await db.Users.Where(u => u.Id == accountId).ExecuteUpdateAsync(set => set.SetProperty(u => u.IsDisabled, true));
    }

    public AccountsDbContext CreateDbContext()
    {
        var options = new DbContextOptionsBuilder<AccountsDbContext>();
        options.UseNpgsql(databases.New).UseSnakeCaseNamingConvention();
        return new AccountsDbContext(options.Options);
    }

    // By what a screen reader calls it.
    private IElement? Button(string name) => Screen.FindAll("button, a.mud-button-root")
        .LastOrDefault(b => (b.GetAttribute("aria-label") ?? b.TextContent.Trim()) == name);

    private sealed class NoDatabase : IDbContextFactory<PortalDbContext>
    {
        public PortalDbContext CreateDbContext() => throw new Npgsql.NpgsqlException("The server went away: secret detail");
    }
}
