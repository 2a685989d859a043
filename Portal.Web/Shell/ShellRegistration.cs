using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;
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
        app.Use(ShowProblemOfRefusedForm);
        app.UseRequestLocalization();
        return app;
    }

    // A refused form gets a bare 400 that claims to be a page; without the claim the problem page takes its place. That
    // one is asked for with the form's own method and token, and would be refused as well.
    private static async Task ShowProblemOfRefusedForm(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IStatusCodeReExecuteFeature>() is not null)
        {
            context.Request.Method = HttpMethods.Get;
            context.Features.Set<IAntiforgeryValidationFeature>(null);
        }

        await next(context);
        if (context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false } && !context.Response.HasStarted)
        {
            context.Response.ContentType = null;
        }
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
