using System.Security.Claims;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor;
using MudBlazor.Services;
using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Data.Replication.Alarms;
using Portal.Web.Accounts;
using Portal.Web.Shell;
using TestContext = Xunit.TestContext;

namespace Portal.Tests.Replication;

/// <summary>The pages of the replication as an admin opens them, on a scene of their own.</summary>
internal sealed class ReplicationPages : IAsyncDisposable
{
    private readonly BunitContext context = new();

    private ReplicationPages(ReplicationScene scene) => Scene = scene;

    public ReplicationScene Scene { get; }

    /// <summary>The clock of the pages; stands still unless it is moved.</summary>
    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    /// <summary>The name of who looks at the pages.</summary>
    public string Admin { get; private set; } = "";

    public NavigationManager Navigation => context.Services.GetRequiredService<NavigationManager>();

    /// <summary>Tells the pages of alarms, as it does in a portal.</summary>
    private AlarmSignal Signal => context.Services.GetRequiredService<AlarmSignal>();

    public static async Task<ReplicationPages> CreateAsync()
    {
        var pages = new ReplicationPages(await ReplicationScene.CreateAsync());
        pages.context.JSInterop.Mode = JSRuntimeMode.Loose;
        pages.Scene.Register(pages.context.Services)
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddPortalAccounts()
            .AddMudServices()
            .AddScoped<DraftKeeper>()
            .AddSingleton<AlarmSignal>()
            .AddSingleton<TimeProvider>(pages.Time);
        var signedIn = pages.context.AddAuthorization();

        await DemoAccounts.CreateAsync(pages.Scene.Databases.OwnerOfNew, TestContext.Current.CancellationToken);
        await using var accounts = await pages.context.Services
            .GetRequiredService<IDbContextFactory<AccountsDbContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        var admin = await accounts.Users.SingleAsync(a => a.Email == "admin@portal.test", TestContext.Current.CancellationToken);
        pages.Admin = admin.DisplayName;
        signedIn.SetAuthorized(admin.DisplayName);
        signedIn.SetRoles(nameof(AccountRole.Admin));
        signedIn.SetClaims(
            new Claim(ClaimTypes.NameIdentifier, admin.Id),
            new Claim(new IdentityOptions().ClaimsIdentity.SecurityStampClaimType, admin.SecurityStamp ?? ""));
        await pages.Signal.StartAsync(TestContext.Current.CancellationToken);
        return pages;
    }

    /// <summary>Lets the browser have kept what was typed before.</summary>
    /// <returns>What is asked of it.</returns>
    public BunitJSModuleInterop WithDraft(string text)
    {
        var module = context.JSInterop.SetupModule("/shell/drafts.js");
        module.Mode = JSRuntimeMode.Loose;
        module.Setup<string?>("take", _ => true).SetResult(text);
        return module;
    }

    /// <summary>Where dialogues appear.</summary>
    public IRenderedComponent<MudDialogProvider> Dialogues { get => field ??= context.Render<MudDialogProvider>(); }

    public IDialogService DialogService => context.Services.GetRequiredService<IDialogService>();

    public IRenderedComponent<TPage> Open<TPage>(string address = "")
        where TPage : IComponent
    {
        _ = Dialogues;
        Navigation.NavigateTo(address);
        return context.Render<TPage>();
    }

    /// <summary>What the pages have said in passing, and it has not gone yet.</summary>
    public IEnumerable<string> Said => context.Services.GetRequiredService<ISnackbar>().ShownSnackbars.Select(s => s.Message?.ToString() ?? "");

    /// <summary>The newest comparison that the pages have caused.</summary>
    public ComparisonSummary? Newest => context.Services.GetRequiredService<Comparison>().Newest;

    /// <summary>Leaves all pages.</summary>
    public Task CloseAsync() => context.DisposeComponentsAsync();

    public async ValueTask DisposeAsync()
    {
        await Signal.StopAsync(CancellationToken.None);
        await context.DisposeAsync();
        await Scene.DisposeAsync();
    }
}
