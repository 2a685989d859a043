using System.Net;
using Portal.Tests.Accounts;

namespace Portal.Tests.Shell;

public sealed class SecurityHeadersTests(AccountScene scene) : IClassFixture<AccountScene>, IAsyncLifetime
{
    private PortalSite? _site;

    private PortalSite Site => _site ?? throw new InvalidOperationException();

    public async ValueTask InitializeAsync() => _site = await PortalSite.StartAsync(scene.Databases);

    public ValueTask DisposeAsync() => Site.DisposeAsync();

    [Theory]
    [InlineData("/account/sign-in")]
    [InlineData("/nothing/here")]
    [InlineData("/shell/portal.css")]
    public async Task Every_answer_says_what_is_forbidden(string path)
    {
        using var visitor = Site.Visitor();

        using var answer = await visitor.GetAsync(path);

        var policy = answer.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
        policy.ShouldContain("frame-ancestors 'none'");
        policy.ShouldContain("script-src 'self';");
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        answer.Headers.GetValues("Referrer-Policy").ShouldBe(["same-origin"]);
    }

    [Theory]
    [InlineData("https://evil.test", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.OK)]
    [InlineData("own", HttpStatusCode.OK)]
    public async Task Only_the_portals_own_pages_open_a_circuit(string? origin, HttpStatusCode expected)
    {
        using var visitor = Site.Visitor();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1");
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin is "own" ? Site.Address.GetLeftPart(UriPartial.Authority) : origin);
        }

        using var answer = await visitor.SendAsync(request);

        answer.StatusCode.ShouldBe(expected);
    }

    [Fact]
    public async Task An_address_that_leads_nowhere_gets_a_page_of_the_portal()
    {
        using var visitor = Site.Visitor();

        using var answer = await visitor.GetAsync("/nothing/here");

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("There is no page at this address.");
    }

    [Fact]
    public async Task Nothing_is_asked_of_another_site()
    {
        using var visitor = Site.Visitor();

        using var answer = await visitor.GetAsync("/account/sign-in");

        (await answer.Content.ReadAsStringAsync()).ShouldNotMatch("(src|href)=\"(https?:)?//");
    }
}
