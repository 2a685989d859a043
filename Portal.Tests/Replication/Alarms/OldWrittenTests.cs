using Microsoft.Extensions.Logging.Abstractions;
using Portal.Data.Replication.Alarms;
using Portal.Data.Replication.Planning;

namespace Portal.Tests.Replication.Alarms;

/// <summary>Somebody else than the replication writes the old database after the writers have moved.</summary>
public sealed class OldWrittenTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_one_alarm_that_says_who_and_ends_when_nobody_has_written_for_long_enough()
    {
        await using var alarms = await AlarmScene.CreateAsync();
        var portal = alarms.Portal();
        await WriteAsync(alarms, "payroll");

        await LookAsync(alarms, portal);
        var alarm = (await alarms.OpenAsync()).ShouldHaveSingleItem();
        (alarm.Cause, alarm.Subject).ShouldBe(("old_written", "public.timesheet_old"));
        alarm.Text.ShouldStartWith("payroll as legacy from 127.0.0.1 wrote public.timesheet_old (update, 1 row) on ");
        AlarmWords.Page(alarm.Cause).ShouldBe("replication/plan");

        await WriteAsync(alarms, "nightly");
        await LookAsync(alarms, portal);
        (await alarms.OpenAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(a => a.Id.ShouldBe(alarm.Id), a => a.Text.ShouldStartWith("nightly"));

        await alarms.Scene.OldAsync("update portal_replication.other_write set at = at - interval '59 minutes'");
        await LookAsync(alarms, portal);
        (await alarms.OpenAsync()).ShouldHaveSingleItem();

        await alarms.Scene.OldAsync("update portal_replication.other_write set at = at - interval '1 minute'");
        await LookAsync(alarms, portal);
        (await alarms.OpenAsync()).ShouldBeEmpty();
        (await alarms.ListAsync()).Alarms.ShouldHaveSingleItem().ResolvedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task It_is_none_as_long_as_the_old_database_is_the_one_that_is_right_nor_for_what_was_written_then()
    {
        await using var alarms = await AlarmScene.CreateAsync();
        var portal = alarms.Portal();
        await alarms.Scene.NewAsync("select replication.set_authority('old', 'test', 'the beginning')");
        await WriteAsync(alarms, "payroll");

        await LookAsync(alarms, portal);
        (await alarms.OpenAsync()).ShouldBeEmpty();

        await alarms.Scene.NewAsync("select replication.set_authority('new', 'test', 'they have moved')");
        await LookAsync(alarms, portal);
        (await alarms.OpenAsync()).ShouldBeEmpty();

        await WriteAsync(alarms, "payroll");
        await LookAsync(alarms, portal);
        (await alarms.OpenAsync()).ShouldHaveSingleItem().Cause.ShouldBe("old_written");

        await alarms.Scene.NewAsync("select replication.set_authority('old', 'test', 'they have not')");
        await LookAsync(alarms, portal);
        (await alarms.OpenAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_replication_writes_and_what_the_guard_refuses_is_none()
    {
        await using var alarms = await AlarmScene.CreateAsync();
        var portal = alarms.Portal();
        await alarms.Scene.NewAsync("update timesheet_new set status = 'draft' where id < 5");
        await alarms.Scene.OldAsync("select portal_replication.set_guard('refuse', 'test')");
        await Should.ThrowAsync<Npgsql.PostgresException>(() => WriteAsync(alarms, "payroll"));

        await LookAsync(alarms, portal);

        (await alarms.OpenAsync()).ShouldBeEmpty();
    }

    private static async Task WriteAsync(AlarmScene alarms, string program)
    {
        await using var writer = await alarms.Scene.LegacyAsync(program);
        await writer.DoAsync("update timesheet_old set hours_worked = 1 where id = 1");
    }

    // As a portal does every half minute, and then looks for alarms.
    private static async Task LookAsync(AlarmScene alarms, AlarmWatch portal)
    {
        var scene = alarms.Scene;
        await scene.NewAsync("update replication.plan_watch set claimed_at = null");
        var watch = new ReaderWatch(
            scene.Databases.New, new OldGuard(scene.Databases.Old), scene.Outbox, scene.Triggers, TimeProvider.System, NullLogger<ReaderWatch>.Instance);
        (await watch.SampleAsync(Cancel)).ShouldBeTrue();
        await portal.LookAsync(Cancel);
    }
}
