using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Data.Accounts;

namespace Portal.Tests.Accounts;

/// <summary>What somebody meets who does not know the password.</summary>
public sealed class GuessingTests(AccountScene scene) : IClassFixture<AccountScene>, IAsyncLifetime
{
    private PortalSite? _site;

    private PortalSite Site => _site ?? throw new InvalidOperationException();

    public async ValueTask InitializeAsync() => _site = await PortalSite.StartAsync(scene.Databases, ("Accounts:SignInsPerMinute", "1000"));

    public ValueTask DisposeAsync() => Site.DisposeAsync();

    [Fact]
    public async Task Wrong_passwords_lock_an_account_even_against_the_right_one()
    {
        var account = await scene.AddAsync(AccountRole.Worker);
        using var visitor = Site.Visitor();

        for (var attempt = 1; attempt < 5; attempt++)
        {
            using var wrong = await visitor.SignInAsync(account.Email ?? "", "not the password");
            wrong.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await wrong.Content.ReadAsStringAsync()).ShouldContain("The e-mail address or the password is not right");
        }

        using var fifth = await visitor.SignInAsync(account.Email ?? "", "not the password");
        Visitor.Target(fifth).ShouldBe("/account/locked");
        using var right = await visitor.SignInAsync(account.Email ?? "", AccountScene.Password);
        Visitor.Target(right).ShouldBe("/account/locked");
        await using var context = scene.CreateDbContext();
        (await context.Users.SingleAsync(a => a.Id == account.Id)).LockoutEnd.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nobody_learns_whether_an_account_exists(bool isDisabled)
    {
        var account = isDisabled ? await scene.AddAsync(AccountRole.Worker, a => a.IsDisabled = true) : null;
        var email = account?.Email ?? $"nobody-{Guid.NewGuid():N}@portal.test";
        using var visitor = Site.Visitor();

        for (var attempt = 1; attempt < 5; attempt++)
        {
            using var answer = await visitor.SignInAsync(email, AccountScene.Password);
            (await answer.Content.ReadAsStringAsync()).ShouldContain("The e-mail address or the password is not right");
        }

        using var fifth = await visitor.SignInAsync(email, AccountScene.Password);
        Visitor.Target(fifth).ShouldBe("/account/locked");
    }

    [Fact]
    public async Task A_wrong_password_keeps_the_address_that_was_typed_and_not_the_password()
    {
        using var visitor = Site.Visitor();

        using var answer = await visitor.SignInAsync("someone@portal.test", "typed in a hurry");

        var page = await answer.Content.ReadAsStringAsync();
        page.ShouldContain("someone@portal.test");
        page.ShouldNotContain("typed in a hurry");
    }

    [Fact]
    public async Task Many_attempts_from_one_address_have_to_wait()
    {
        await using var strict = await PortalSite.StartAsync(scene.Databases, ("Accounts:SignInsPerMinute", "2"));
        using var visitor = strict.Visitor();

        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var answer = await visitor.SignInAsync($"{attempt}@portal.test", "guess");
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        using var third = await visitor.SignInAsync("third@portal.test", "guess");
        third.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await third.Content.ReadAsStringAsync()).ShouldContain("Wait a minute");
    }
}
