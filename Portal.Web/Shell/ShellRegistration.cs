using System.Globalization;
using Microsoft.AspNetCore.Localization;
using MudBlazor;
using MudBlazor.Services;

namespace Portal.Web.Shell;

/// <summary>What Program.cs needs of the shell: the frame around all pages.</summary>
public static class ShellRegistration
{
    private static readonly CultureInfo British = CultureInfo.GetCultureInfo("en-GB");

    public static IServiceCollection AddPortalShell(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices(options =>
        {
            options.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomCenter;
            options.SnackbarConfiguration.PreventDuplicates = true;
        });
        services.AddScoped<DraftKeeper>();

        // One language, so one way to write dates and money, whatever the browser or the server prefers.
        services.Configure<RequestLocalizationOptions>(options =>
        {
            options.DefaultRequestCulture = new RequestCulture(British);
            options.SupportedCultures = options.SupportedUICultures = [British];
            options.RequestCultureProviders.Clear();
        });
        return services;
    }

    /// <summary>Comes first in the pipeline: failures, headers, culture.</summary>
    public static WebApplication UsePortalShell(this WebApplication app)
    {
        app.UsePortalSecurityHeaders();
        if (!app.Environment.IsDevelopment())
        {
            app.UseExceptionHandler("/problem/500", createScopeForErrors: true);
        }

        app.UseStatusCodePagesWithReExecute("/problem/{0}", createScopeForStatusCodePages: true);
        app.UseRequestLocalization();
        return app;
    }

    /// <summary>Static files and all pages of this assembly.</summary>
    public static WebApplication MapPortalShell(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options =>
            // UsePortalSecurityHeaders says it, in one header together with the rest.
            options.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }
}
