using System.Net;
using Portal.Data.Accounts;

namespace Portal.Tests.Accounts;

public sealed class SignInTests(AccountScene scene) : IClassFixture<AccountScene>, IAsyncLifetime
{
    private PortalSite? _site;

    private PortalSite Site => _site ?? throw new InvalidOperationException();

    public async ValueTask InitializeAsync() => _site = await PortalSite.StartAsync(scene.Databases, ("Accounts:SignInsPerMinute", "1000"));

    public ValueTask DisposeAsync() => Site.DisposeAsync();

    [Fact]
    public async Task The_right_password_leads_to_the_page_asked_for()
    {
        var account = await scene.AddAsync(AccountRole.Worker);
        using var visitor = Site.Visitor();

        using var asked = await visitor.GetAsync("/timesheets?status=draft");
        asked.Headers.Location?.PathAndQuery.ShouldBe("/account/sign-in?returnUrl=%2Ftimesheets%3Fstatus%3Ddraft");
        using var answer = await visitor.SignInAsync(account.Email ?? "", AccountScene.Password, asked.Headers.Location?.Query ?? "");

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        Visitor.Target(answer).ShouldBe("/timesheets?status=draft");
        using var page = await visitor.GetAsync("/timesheets");
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(AccountRole.Worker, "/timesheets")]
    [InlineData(AccountRole.HospitalStaff, "/approvals")]
    [InlineData(AccountRole.Admin, "/replication")]
    public async Task Each_role_starts_at_its_own_page(AccountRole role, string start)
    {
        using var visitor = await SignedInAsync(role);

        using var home = await visitor.GetAsync("/");

        Visitor.Target(home).ShouldBe(start);
    }

    [Theory]
    [InlineData("/approvals")]
    [InlineData("/approvals/1")]
    [InlineData("/replication")]
    [InlineData("/replication/rows")]
    public async Task A_page_of_another_role_is_denied(string path)
    {
        using var visitor = await SignedInAsync(AccountRole.Worker);

        using var answer = await visitor.GetAsync(path);

        Visitor.Target(answer).ShouldStartWith("/account/denied");
        using var denied = await visitor.GetAsync(Visitor.Target(answer));
        denied.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await denied.Content.ReadAsStringAsync()).ShouldContain("Your account cannot open this page");
    }

    [Theory]
    [InlineData("https://evil.test/")]
    [InlineData("//evil.test/")]
    [InlineData("/\\evil.test/")]
    [InlineData("javascript:alert(1)")]
    public async Task A_link_to_another_site_is_not_followed(string returnUrl)
    {
        var account = await scene.AddAsync(AccountRole.Worker);
        using var visitor = Site.Visitor();

        using var answer = await visitor.SignInAsync(
            account.Email ?? "", AccountScene.Password, $"?returnUrl={Uri.EscapeDataString(returnUrl)}");

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        Visitor.Target(answer).ShouldBe("/");
    }

    [Fact]
    public async Task The_form_sent_twice_signs_in_once()
    {
        var account = await scene.AddAsync(AccountRole.Worker);
        using var visitor = Site.Visitor();
        var form = await visitor.OpenFormAsync("/account/sign-in", ("Input.Email", account.Email ?? ""), ("Input.Password", AccountScene.Password));

        using var first = await form.SendAsync();
        using var second = await form.SendAsync();

        Visitor.Target(first).ShouldBe("/");
        Visitor.Target(second).ShouldBe("/");
    }

    [Fact]
    public async Task Signing_out_twice_is_signing_out_once()
    {
        using var visitor = await SignedInAsync(AccountRole.Worker);
        var form = await visitor.OpenFormAsync("/account/sign-out");

        using var first = await form.SendAsync();
        using var second = await form.SendAsync();

        Visitor.Target(first).ShouldBe("/account/sign-in?signed-out=true");
        Visitor.Target(second).ShouldBe("/account/sign-in");
        using var page = await visitor.GetAsync("/timesheets");
        page.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task Another_site_cannot_sign_anyone_out()
    {
        using var visitor = await SignedInAsync(AccountRole.Worker);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/account/sign-out")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("_handler", "sign-out")]),
        };

        using var answer = await visitor.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("This form was too old");
    }

    [Fact]
    public async Task A_restart_keeps_people_signed_in()
    {
        using var before = await SignedInAsync(AccountRole.Worker);
        await using var restarted = await PortalSite.StartAsync(scene.Databases);
        using var after = restarted.Visitor();
        after.ComeFrom(before);

        using var page = await after.GetAsync("/timesheets");

        page.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_demo_accounts_are_shown_only_where_they_exist()
    {
        await using var embedded = await PortalSite.StartAsync(scene.Databases, ("Accounts:ShowDemoAccounts", "true"));

        (await SignInPageAsync(embedded)).ShouldContain(DemoAccounts.Password);
        (await SignInPageAsync(Site)).ShouldNotContain(DemoAccounts.Password);
    }

    private static async Task<string> SignInPageAsync(PortalSite site)
    {
        using var visitor = site.Visitor();
        using var page = await visitor.GetAsync("/account/sign-in");
        return await page.Content.ReadAsStringAsync();
    }

    private async Task<Visitor> SignedInAsync(AccountRole role)
    {
        var account = await scene.AddAsync(role);
        var visitor = Site.Visitor();
        (await visitor.SignInAsync(account.Email ?? "", AccountScene.Password)).Dispose();
        return visitor;
    }
}
