using System.Net;
using Portal.Data.Accounts;

namespace Portal.Tests.Accounts;

public sealed class PasswordTests(AccountScene scene) : IClassFixture<AccountScene>, IAsyncLifetime
{
    private const string Changed = "/account/password?changed=true";
    private PortalSite? _site;

    private PortalSite Site => _site ?? throw new InvalidOperationException();

    public async ValueTask InitializeAsync() => _site = await PortalSite.StartAsync(scene.Databases, ("Accounts:SignInsPerMinute", "1000"));

    public ValueTask DisposeAsync() => Site.DisposeAsync();

    [Fact]
    public async Task Fourteen_characters_are_too_few()
    {
        using var visitor = await SignedInAsync();

        using var answer = await (await FormAsync(visitor, AccountScene.Password, "fourteen chars")).SendAsync();

        (await answer.Content.ReadAsStringAsync()).ShouldContain("at least 15 characters");
    }

    [Theory]
    [InlineData("fifteen letters")]
    [InlineData("aaaaaaaaaaaaaaa")]
    [InlineData("123456789012345")]
    public async Task Fifteen_characters_of_any_kind_are_enough(string password)
    {
        using var visitor = await SignedInAsync();

        using var answer = await (await FormAsync(visitor, AccountScene.Password, password)).SendAsync();

        answer.Headers.Location?.PathAndQuery.ShouldBe(Changed);
    }

    [Fact]
    public async Task A_wrong_present_password_changes_nothing_and_cannot_be_guessed_for_long()
    {
        using var visitor = await SignedInAsync();

        for (var attempt = 0; attempt < 5; attempt++)
        {
            using var wrong = await (await FormAsync(visitor, "not the password", "a brand new password")).SendAsync();
            (await wrong.Content.ReadAsStringAsync()).ShouldContain("The present password is not right. Nothing was changed.");
        }

        using var right = await (await FormAsync(visitor, AccountScene.Password, "a brand new password")).SendAsync();
        (await right.Content.ReadAsStringAsync()).ShouldContain("too many wrong passwords");
    }

    [Fact]
    public async Task The_form_sent_twice_changes_the_password_once()
    {
        using var visitor = await SignedInAsync();
        var form = await FormAsync(visitor, AccountScene.Password, "a brand new password");

        using var first = await form.SendAsync();
        using var second = await form.SendAsync();

        first.Headers.Location?.PathAndQuery.ShouldBe(Changed);
        second.Headers.Location?.PathAndQuery.ShouldBe(Changed);
    }

    [Fact]
    public async Task Other_devices_are_signed_out()
    {
        await using var site = await PortalSite.StartAsync(scene.Databases, ("Accounts:RevalidationSeconds", "0"));
        var account = await scene.AddAsync(AccountRole.Worker);
        using var here = site.Visitor();
        using var elsewhere = site.Visitor();
        (await here.SignInAsync(account.Email ?? "", AccountScene.Password)).Dispose();
        (await elsewhere.SignInAsync(account.Email ?? "", AccountScene.Password)).Dispose();

        (await (await FormAsync(here, AccountScene.Password, "a brand new password")).SendAsync()).Dispose();

        using var page = await here.GetAsync("/timesheets");
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var otherPage = await elsewhere.GetAsync("/timesheets");
        otherPage.Headers.Location?.AbsolutePath.ShouldBe("/account/sign-in");
    }

    private static Task<Form> FormAsync(Visitor visitor, string current, string wanted) => visitor.OpenFormAsync(
        "/account/password", ("Input.Current", current), ("Input.New", wanted), ("Input.Repeat", wanted));

    private async Task<Visitor> SignedInAsync()
    {
        var account = await scene.AddAsync(AccountRole.Worker);
        var visitor = Site.Visitor();
        (await visitor.SignInAsync(account.Email ?? "", AccountScene.Password)).Dispose();
        return visitor;
    }
}
