using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;
using Portal.Data.Accounts;
using Portal.Data.Databases;
using Portal.Data.Timesheets;
using Portal.Tests.Support;
using Portal.Web.Accounts;
using Portal.Web.Shell;

namespace Portal.Tests.Timesheets;

/// <summary>The worker's pages on a real database, with Wendy signed in.</summary>
internal sealed class WorkerPages : BunitContext
{
    private IRenderedComponent<MudDialogProvider>? dialogs;

    private WorkerPages(DatabaseFixture database, WorkerScene scene)
    {
        Scene = scene;
        JSInterop.Mode = JSRuntimeMode.Loose;
        Drafts = JSInterop.SetupModule("/shell/drafts.js");
        Drafts.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddSingleton<TimeProvider>(scene.Time);
        Services.AddSingleton<IDbContextFactory<PortalDbContext>>(database);
        Services.AddDbContextFactory<AccountsDbContext>(options => options.UsePortalDatabase(database.Databases.New));
        Services.AddSingleton<CallerAccess>();
        Services.AddScoped<CurrentCaller>();
        Services.AddScoped<DraftKeeper>();
        Services.AddPortalTimesheets();
        Authorization = AddAuthorization();
    }

    public WorkerScene Scene { get; }

    /// <summary>The browser's store of what was typed.</summary>
    public BunitJSModuleInterop Drafts { get; }

    public BunitAuthorizationContext Authorization { get; }

    public NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    private string AccountId { get; set; } = "";

    public static async Task<WorkerPages> Open(DatabaseFixture database)
    {
        var pages = new WorkerPages(database, await WorkerScene.Create(database));
        await pages.SignIn();
        return pages;
    }

    /// <summary>Renders a page; the dialogues it opens are in the second result.</summary>
    public (IRenderedComponent<TPage> Page, IRenderedComponent<MudDialogProvider> Dialogs) Show<TPage>(
        Action<ComponentParameterCollectionBuilder<TPage>>? parameters = null)
        where TPage : IComponent
    {
        if (dialogs is null)
        {
            Render<MudPopoverProvider>();
            dialogs = Render<MudDialogProvider>();
        }

        return (Render<TPage>(parameters ?? (_ => { })), dialogs);
    }

    /// <summary>The account is switched off while its page is open.</summary>
    public async Task DisableAccount()
    {
        await using var db = await Services.GetRequiredService<IDbContextFactory<AccountsDbContext>>().CreateDbContextAsync();
        await db.Users.Where(u => u.Id == AccountId).ExecuteUpdateAsync(u => u.SetProperty(a => a.IsDisabled, true));
    }

    private async Task SignIn()
    {
        await using var db = await Services.GetRequiredService<IDbContextFactory<AccountsDbContext>>().CreateDbContextAsync();
        var name = $"{Guid.NewGuid():N}@portal.test";
        var account = new PortalAccount
        {
            DisplayName = Scene.Wendy.Name,
            WorkerId = Scene.Wendy.WorkerId,
            UserName = name,
            NormalizedUserName = name.ToUpperInvariant(),
            Email = name,
            NormalizedEmail = name.ToUpperInvariant(),
            SecurityStamp = "stamp",
        };
        db.Users.Add(account);
        db.UserRoles.Add(new IdentityUserRole<string>
        {
            UserId = account.Id,
            RoleId = await db.Roles.Where(r => r.Name == nameof(AccountRole.Worker)).Select(r => r.Id).SingleAsync(),
        });
        await db.SaveChangesAsync();
        AccountId = account.Id;
        Authorization.SetAuthorized(name);
        Authorization.SetRoles(nameof(AccountRole.Worker));
        Authorization.SetClaims(
            new System.Security.Claims.Claim(System.Security.Claims.ClaimTypes.NameIdentifier, account.Id),
            new System.Security.Claims.Claim(new IdentityOptions().ClaimsIdentity.SecurityStampClaimType, "stamp"));
    }
}
