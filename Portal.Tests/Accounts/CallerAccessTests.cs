using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Portal.Data.Accounts;

namespace Portal.Tests.Accounts;

public sealed class CallerAccessTests(AccountScene scene) : IClassFixture<AccountScene>
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private CallerAccess Access => new(scene, _time);

    [Fact]
    public async Task A_worker_is_bound_to_one_worker()
    {
        await scene.ExecuteAsync("insert into worker (id, name) values (34, 'Noor Haddad')");
        var account = await scene.AddAsync(AccountRole.Worker, a => a.WorkerId = 34);

        var caller = await Access.LoadAsync(account.Id);

        caller.ShouldNotBeNull();
        (caller.AccountId, caller.Name, caller.Role, caller.WorkerId).ShouldBe((account.Id, account.DisplayName, AccountRole.Worker, 34));
        caller.HospitalIds.ShouldBeEmpty();
    }

    [Fact]
    public async Task Hospital_staff_are_bound_to_their_hospitals()
    {
        await scene.ExecuteAsync("insert into hospital (id, name) values (15, 'North'), (16, 'South') on conflict do nothing");
        var account = await scene.AddAsync(AccountRole.HospitalStaff, a =>
        {
            a.Hospitals.Add(new AccountHospital { AccountId = a.Id, HospitalId = 15 });
            a.Hospitals.Add(new AccountHospital { AccountId = a.Id, HospitalId = 16 });
        });

        var caller = await Access.LoadAsync(account.Id);

        caller?.HospitalIds.ShouldBe([15, 16], ignoreOrder: true);
        caller?.WorkerId.ShouldBeNull();
    }

    [Fact]
    public async Task A_disabled_account_is_nobody()
    {
        var account = await scene.AddAsync(AccountRole.Admin);
        (await Access.LoadAsync(account.Id)).ShouldNotBeNull();

        await scene.ChangeAsync(account, a => a.IsDisabled = true);

        (await Access.LoadAsync(account.Id)).ShouldBeNull();
    }

    [Fact]
    public async Task A_locked_account_is_nobody_until_the_lock_ends()
    {
        var account = await scene.AddAsync(AccountRole.Admin, a => a.LockoutEnd = _time.GetUtcNow().AddMinutes(15));
        (await Access.LoadAsync(account.Id)).ShouldBeNull();

        _time.Advance(TimeSpan.FromMinutes(16));

        (await Access.LoadAsync(account.Id)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_session_from_before_a_change_of_password_is_nobodys()
    {
        var account = await scene.AddAsync(AccountRole.Admin);

        (await Access.LoadAsync(account.Id, account.SecurityStamp)).ShouldNotBeNull();
        (await Access.LoadAsync(account.Id, "an older stamp")).ShouldBeNull();
    }

    [Fact]
    public async Task The_demo_accounts_are_created_once()
    {
        await scene.ExecuteAsync("insert into worker (id, name) values (33, 'Amara Okafor') on conflict do nothing");
        await scene.ExecuteAsync("insert into hospital (id, name) values (15, 'North') on conflict do nothing");

        await DemoAccounts.CreateAsync(scene.Databases.OwnerOfNew, TestContext.Current.CancellationToken);
        await DemoAccounts.CreateAsync(scene.Databases.OwnerOfNew, TestContext.Current.CancellationToken);

        await using var context = scene.CreateDbContext();
        var emails = DemoAccounts.All.Select(a => a.Email).ToList();
        var accounts = await context.Users.Where(a => emails.Contains(a.Email ?? "")).Include(a => a.Hospitals)
            .ToListAsync(TestContext.Current.CancellationToken);
        accounts.Count.ShouldBe(3);
        accounts.Single(a => a.Email == "worker@portal.test").WorkerId.ShouldBe(33);
        accounts.Single(a => a.Email == "worker@portal.test").DisplayName.ShouldBe("Amara Okafor");
        accounts.Single(a => a.Email == "staff@portal.test").Hospitals.ShouldContain(h => h.HospitalId == 15);
    }
}
