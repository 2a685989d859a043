using Portal.Data.Replication;

namespace Portal.Tests.Replication.Alarms;

public sealed class AlarmTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_the_matter_with_a_migrated_pair()
    {
        await using var alarms = await AlarmScene.CreateAsync();

        await alarms.Portal().LookAsync(Cancel);

        (await alarms.ListAsync()).Alarms.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_trigger_that_psql_has_switched_off_is_one_alarm_however_often_it_is_seen_and_ends_when_it_is_on_again()
    {
        await using var alarms = await AlarmScene.CreateAsync();
        var portal = alarms.Portal();
        await alarms.Scene.NewAsync("alter table worker disable trigger capture_update_timesheet_old");

        await portal.LookAsync(Cancel);
        var first = (await alarms.OpenAsync()).ShouldHaveSingleItem();
        (first.Cause, first.Subject, first.Text).ShouldBe(("trigger", "public.worker", "On public.worker: capture_update_timesheet_old is switched off."));
        await portal.LookAsync(Cancel);
        var again = (await alarms.OpenAsync()).ShouldHaveSingleItem();
        (again.Id, again.OpenedAt).ShouldBe((first.Id, first.OpenedAt));
        again.LastSeenAt.ShouldBeGreaterThan(first.LastSeenAt);

        await alarms.Scene.NewAsync("alter table worker enable trigger capture_update_timesheet_old");
        await portal.LookAsync(Cancel);
        (await alarms.OpenAsync()).ShouldBeEmpty();
        (await alarms.ListAsync()).Alarms.ShouldHaveSingleItem().ResolvedAt.ShouldNotBeNull();

        await alarms.Scene.NewAsync("drop trigger capture_update_timesheet_old on worker");
        await portal.LookAsync(Cancel);
        (await alarms.ListAsync()).Alarms.Select(a => a.IsOpen).ShouldBe([true, false]);
    }

    [Theory]
    [InlineData("select replication.not_written('08001', 'gone')", "breaker", "could not be written (08001)")]
    [InlineData("select replication.set_mode('queued', 'test'); update timesheet_new set status = 'draft' where id = 1", "outbox", "1 change waits for the old database, the oldest for 0 s.")]
    [InlineData("select replication.set_aside('timesheet_old', '[{\"key\": 7, \"code\": \"23514\", \"message\": \"no drafts\"}]')", "set_aside", "key 7 first: no drafts")]
    [InlineData("create or replace function replication.flush_at_commit() returns trigger language plpgsql as 'begin return null; end'", "trigger", "flush_at_commit is changed")]
    [InlineData("alter table replication.audit disable trigger append_only", "trigger", "append_only is switched off")]
    [InlineData("select replication.report_cause('old_written', 'public.timesheet_old', 'written by legacy_batch')", "old_written", "legacy_batch")]
    public async Task Each_cause_in_the_new_database_is_an_alarm(string change, string cause, string text)
    {
        await using var alarms = await AlarmScene.CreateAsync();
        await alarms.Scene.NewAsync(change);

        await alarms.Portal(("OutboxOlderThan", "00:00:00")).LookAsync(Cancel);

        var alarm = (await alarms.OpenAsync()).ShouldHaveSingleItem();
        alarm.Cause.ShouldBe(cause);
        alarm.Text.ShouldContain(text);
    }

    [Fact]
    public async Task A_renamed_old_column_is_an_alarm_until_it_has_its_name_again()
    {
        await using var alarms = await AlarmScene.CreateAsync();
        var portal = alarms.Portal();
        await alarms.Scene.OldAsync("alter table timesheet_old rename column is_paid to paid");

        await portal.LookAsync(Cancel);
        var alarm = (await alarms.OpenAsync()).ShouldHaveSingleItem();
        (alarm.Cause, alarm.Subject).ShouldBe(("schema", "timesheet_old_schema.timesheet_old"));
        alarm.Text.ShouldContain("is_paid (missing, unmapped), paid (extra)");

        await alarms.Scene.OldAsync("alter table timesheet_old rename column paid to is_paid");
        await portal.LookAsync(Cancel);
        (await alarms.OpenAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Rows_that_the_continuous_check_finds_different_are_an_alarm_until_a_whole_round_finds_none()
    {
        await using var alarms = await AlarmScene.CreateAsync();
        var portal = alarms.Portal();
        await alarms.Scene.OldAsync("update timesheet_old set status = 'draft' where id in (3, 4); truncate portal_replication.other_write");
        await alarms.Scene.NewAsync("select replication.verify('timesheet_old')");

        await portal.LookAsync(Cancel);
        var alarm = (await alarms.OpenAsync()).Single(a => a.Cause == "drift");
        alarm.Text.ShouldStartWith("2 rows of timesheet_old differed");

        await alarms.Scene.NewAsync("select replication.drain()");
        await alarms.Scene.NewAsync("select replication.verify('timesheet_old')");
        await portal.LookAsync(Cancel);
        (await alarms.OpenAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_comes_and_goes_is_one_alarm_until_it_has_been_gone_for_a_while()
    {
        await using var alarms = await AlarmScene.CreateAsync();
        var portal = alarms.Portal(("Quiet", "01:00:00"));
        foreach (var change in new[] { "select replication.not_written('08001', 'gone')", "select replication.link_restored()", "select replication.not_written('08006', 'lost')" })
        {
            await alarms.Scene.NewAsync(change);
            await portal.LookAsync(Cancel);
        }

        (await alarms.ListAsync()).Alarms.ShouldHaveSingleItem().Text.ShouldContain("08006");
    }

    [Fact]
    public async Task Withdrawn_is_what_was_reported_and_has_ended()
    {
        await using var alarms = await AlarmScene.CreateAsync();
        var portal = alarms.Portal();
        await alarms.Scene.NewAsync("select replication.report_cause('drift', 'timesheet_old', 'Comparison 4 found 3 rows different.')");
        await portal.LookAsync(Cancel);
        (await alarms.OpenAsync()).ShouldHaveSingleItem().Text.ShouldBe("Comparison 4 found 3 rows different.");

        await alarms.Scene.NewAsync("select replication.withdraw_cause('drift', 'timesheet_old')");
        await portal.LookAsync(Cancel);

        (await alarms.OpenAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_old_database_that_is_away_ends_no_alarm_about_its_tables_and_keeps_nobody_from_looking_at_the_rest()
    {
        await using var alarms = await AlarmScene.CreateAsync();
        var portal = alarms.Portal();
        await alarms.Scene.OldAsync("alter table timesheet_old add note text");
        await portal.LookAsync(Cancel);
        alarms.Scene.Link.Stop();
        await alarms.Scene.NewAsync("alter table worker disable trigger capture_update_timesheet_old");

        await portal.LookAsync(Cancel);

        (await alarms.OpenAsync()).Select(a => a.Cause).ShouldBe(["trigger", "schema"]);
    }

    [Fact]
    public async Task Alarms_are_paged_by_their_number_newest_first()
    {
        await using var alarms = await AlarmScene.CreateAsync();
        _ = alarms.Portal();
        await alarms.Scene.NewAsync("insert into replication.alarm (cause, subject, text, resolved_at) select 'drift', n::text, 'x', now() from generate_series(1, 60) n");

        var seen = new List<string>();
        for (long? before = null; ;)
        {
            var page = await alarms.ListAsync(before: before);
            seen.AddRange(page.Alarms.Select(a => a.Subject));
            if (!page.HasMore)
            {
                break;
            }

            before = page.Alarms[^1].Id;
        }

        seen.ShouldBe(Enumerable.Range(1, 60).Reverse().Select(n => $"{n}"));
    }

    [Fact]
    public async Task Only_an_admin_sees_alarms()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        (await scene.Alarms.List(ReplicationScene.Worker, cancel: Cancel)).Trouble.ShouldBe(Trouble.NotAllowed);
    }
}
