using AngleSharp.Html.Parser;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Data.Databases;
using Portal.Tests.Support;
using Portal.Web.Accounts;
using Portal.Web.Shell;

namespace Portal.Tests.Accounts;

/// <summary>Accounts and shell as they are served, on a port of their own.</summary>
public sealed class PortalSite : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PortalSite(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    public Uri Address => new(_app.Urls.First());

    public static async Task<PortalSite> StartAsync(TestDatabases databases, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = "Portal.Web",
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = "Production",
        });
        builder.Configuration.AddInMemoryCollection(databases.Configuration);
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.Configuration["Urls"] = "http://127.0.0.1:0";
        builder.WebHost.UseStaticWebAssets();
        builder.Logging.ClearProviders();
        builder.Services.AddPortalDatabases(builder.Configuration);
        builder.Services.AddPortalAccounts();
        builder.Services.AddPortalShell();
        // Hashing as slowly as it should be would make up most of the tests' time.
        builder.Services.Configure<PasswordHasherOptions>(options => options.IterationCount = AccountScene.HashIterations);

        var app = builder.Build();
        app.UsePortalShell();
        app.UsePortalAccounts();
        app.MapPortalShell();
        await app.StartAsync();
        return new PortalSite(app);
    }

    /// <summary>A browser without cookies, which does not follow redirects by itself.</summary>
    public Visitor Visitor() => new(Address);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

/// <summary>A browser as far as forms go.</summary>
public sealed class Visitor : IDisposable
{
    private readonly HttpClientHandler _handler = new() { AllowAutoRedirect = false };
    private readonly HttpClient _client;

    public Visitor(Uri address) => _client = new HttpClient(_handler) { BaseAddress = address };

    public Task<HttpResponseMessage> GetAsync(string path) => _client.GetAsync(new Uri(path, UriKind.Relative));

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _client.SendAsync(request);

    /// <summary>Takes along the cookies of a visitor of another site.</summary>
    public void ComeFrom(Visitor other)
    {
        foreach (System.Net.Cookie cookie in other._handler.CookieContainer.GetAllCookies())
        {
            _handler.CookieContainer.Add(_client.BaseAddress ?? throw new InvalidOperationException(), new System.Net.Cookie(cookie.Name, cookie.Value));
        }
    }

    /// <summary>Opens a page and gives its form, filled in.</summary>
    public async Task<Form> OpenFormAsync(string path, params (string Name, string Value)[] fields)
    {
        using var response = await GetAsync(path);
        var document = await new HtmlParser().ParseDocumentAsync(await response.Content.ReadAsStringAsync());
        var values = document.QuerySelectorAll("form input[type=hidden]")
            .ToDictionary(input => input.GetAttribute("name") ?? "", input => input.GetAttribute("value") ?? "");
        foreach (var (name, value) in fields)
        {
            values[name] = value;
        }

        return new Form(_client, path, values);
    }

    public async Task<HttpResponseMessage> SignInAsync(string email, string password, string query = "") =>
        await (await OpenFormAsync(AccountPaths.SignIn + query, ("Input.Email", email), ("Input.Password", password))).SendAsync();

    /// <summary>Where an answer leads: the path within the portal, or the whole address of another site.</summary>
    public static string Target(HttpResponseMessage answer)
    {
        var location = answer.Headers.Location ?? throw new InvalidOperationException($"Not a redirect: {answer.StatusCode}");
        return location.IsAbsoluteUri && location.Host is "127.0.0.1" ? location.PathAndQuery : location.OriginalString;
    }

    public void Dispose()
    {
        _client.Dispose();
        _handler.Dispose();
    }
}

/// <summary>A form that may be sent more than once.</summary>
public sealed class Form(HttpClient client, string path, IReadOnlyDictionary<string, string> values)
{
    public async Task<HttpResponseMessage> SendAsync()
    {
        using var content = new FormUrlEncodedContent(values);
        return await client.PostAsync(new Uri(path, UriKind.Relative), content);
    }
}
