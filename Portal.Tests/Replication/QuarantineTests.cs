using Portal.Data.Replication.Backfill;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

[EveryPostgres]
public sealed class QuarantineTests
{
    [Theory]
    [InlineData("is_approved = not is_approved", "is_approved")]
    [InlineData("hours_worked = hours_worked + 1", "hours_worked")]
    [InlineData("worker_name = 'Somebody else'", "worker_name")]
    [InlineData("worker_id = 999", "unknown_worker")]
    [InlineData("hospital_id = 999", "unknown_hospital")]
    [InlineData("status = 'lost', is_approved = false", "unknown_status")]
    [InlineData("end_time = start_time", "end_before_start")]
    [InlineData("break_minutes = 2000", "end_before_start")]
    [InlineData("start_time = null", "incomplete_times")]
    [InlineData("amount_due = -1", "negative_amount")]
    [InlineData("status = 'draft', is_approved = false, is_paid = true", "paid_but_not_approved")]
    [InlineData("shift_date = shift_date - 2", "overlap")]
    [InlineData("amount_due = 99999999.99, hours_worked = 0.02, end_time = start_time + interval '1 minute', break_minutes = 0", "amount_due")]
    public async Task A_row_that_does_not_fit_is_kept_whole_with_its_reason_and_holds_back_no_other(string spoil, string reason)
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync($"update timesheet_old set {spoil} where id = 6");
        var whole = await scene.Scene.OldAsync<string>("select to_jsonb(t)::text from timesheet_old t where id = 6");

        await scene.RoundAsync(rowsPerStep: 100);

        var report = await scene.ReadAsync();
        report.Groups.Single().Reasons.ShouldContain(reason);
        report.NewRows.ShouldBe(11);
        report.Open.ShouldBe(1);
        report.AddsUp.ShouldBeTrue();
        (await scene.Scene.NewAsync<string>("select old_row::text from replication.quarantine")).ShouldBe(whole);
        (await scene.Scene.NewAsync<long>("select count(*) from replication.incoming")).ShouldBe(0);
    }

    [Fact]
    public async Task What_nobody_has_thought_of_is_refused_for_that_row_alone()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.NewAsync("alter table timesheet_new add constraint not_six check (id <> 6)");

        await scene.RoundAsync(rowsPerStep: 100);

        (await scene.ReadAsync()).Groups.Single().Reasons.ShouldBe(["refused"]);
        (await scene.ReadAsync()).NewRows.ShouldBe(11);
    }

    [Fact]
    public async Task A_shift_that_was_taken_over_in_an_earlier_step_counts_for_an_overlap_too()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync("update timesheet_old set shift_date = (select shift_date from timesheet_old where id = 2) where id = 12");

        await scene.RoundAsync(rowsPerStep: 5);

        (await scene.ReadAsync()).Groups.Single().Reasons.ShouldBe(["overlap"]);
        (await scene.ReadAsync()).NewRows.ShouldBe(11);
    }

    [Theory]
    [InlineData(QuarantineDecision.TakeStatus, "approved")]
    [InlineData(QuarantineDecision.TakeFlag, "submitted")]
    public async Task Status_or_flag_an_admin_says_which_is_right(QuarantineDecision decision, string status)
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync("update timesheet_old set is_approved = false where id = 6");
        await scene.RoundAsync();

        await scene.DecideAsync("is_approved", decision);

        (await scene.Scene.NewAsync<string>("select status from timesheet_new where id = 6")).ShouldBe(status);
        // Another round does not take the correction for a change of the old system.
        await scene.RoundAsync();
        (await scene.ReadAsync()).CaughtUp.ShouldBeTrue();
        (await scene.Scene.NewAsync<string>("select account from replication.audit where action = 'quarantine'")).ShouldBe("Ada Admin");
    }

    [Fact]
    public async Task A_value_can_be_put_right()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync("update timesheet_old set worker_id = 999 where id = 6");
        await scene.RoundAsync();

        await scene.DecideAsync("unknown_worker", QuarantineDecision.Edit, new() { ["worker_id"] = "33" });

        (await scene.Scene.NewAsync<long>("select worker_id from timesheet_new where id = 6")).ShouldBe(33);
        (await scene.ReadAsync()).AddsUp.ShouldBeTrue();
    }

    [Fact]
    public async Task A_value_that_does_not_fit_its_column_is_refused_at_once_in_plain_words()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync("update timesheet_old set worker_id = 999 where id = 6");
        await scene.RoundAsync();

        var answer = await scene.Quarantine.DecideAll(
            ReplicationScene.Admin, await scene.GroupAsync("unknown_worker"), QuarantineDecision.Edit, new Dictionary<string, string?> { ["worker_id"] = "Amara" });

        answer.Trouble.ShouldNotBeNull().Summary.ShouldBe("That value does not fit its column.");
        (await scene.ReadAsync()).Groups.Single().Open.ShouldBe(1);
    }

    [Fact]
    public async Task A_decision_that_does_not_help_opens_the_row_again_with_what_speaks_against_it_then()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync("update timesheet_old set worker_id = 999 where id = 6");
        await scene.RoundAsync();

        await scene.DecideAsync("unknown_worker", QuarantineDecision.Edit, new() { ["worker_id"] = "998" });

        var group = (await scene.ReadAsync()).Groups.Single();
        group.Reasons.ShouldBe(["unknown_worker"]);
        group.Open.ShouldBe(1);
    }

    [Fact]
    public async Task A_row_that_was_left_out_stays_in_the_old_database_also_when_the_new_one_is_right()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync("update timesheet_old set worker_id = 999 where id = 6");
        await scene.RoundAsync();
        await scene.DecideAsync("unknown_worker", QuarantineDecision.Skip);
        (await scene.ReadAsync()).ShouldSatisfyAllConditions(r => r.Skipped.ShouldBe(1), r => r.AddsUp.ShouldBeTrue());

        await scene.Scene.NewAsync("select replication.set_authority('new', 'Ada Admin', 'The writers have moved.')");
        await scene.Scene.Outbox.VerifyAsync(1000, TestContext.Current.CancellationToken);
        await scene.Scene.Switch.Drain(ReplicationScene.Admin, cancel: TestContext.Current.CancellationToken);

        (await scene.Scene.OldAsync<long>("select worker_id from timesheet_old where id = 6")).ShouldBe(999);
    }

    [Fact]
    public async Task What_was_decided_is_seen_in_the_old_database_as_soon_as_the_new_one_is_right()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync("update timesheet_old set is_approved = false where id in (5, 6)");
        await scene.RoundAsync();
        (await scene.Quarantine.Decide(ReplicationScene.Admin, await RowAsync(scene, "is_approved", key: 5), QuarantineDecision.Skip)).Trouble.ShouldBeNull();
        await scene.DecideAsync("is_approved", QuarantineDecision.TakeStatus);
        const string Flags = "select string_agg(is_approved::text, ' ' order by id) from timesheet_old where id in (5, 6)";
        (await scene.Scene.OldAsync<string>(Flags)).ShouldBe("false false");

        await scene.Scene.NewAsync("select replication.set_authority('new', 'Ada Admin', 'The writers have moved.')");

        (await scene.Scene.OldAsync<string>(Flags)).ShouldBe("false true");
    }

    [Fact]
    public async Task A_decision_for_a_row_that_the_old_system_has_changed_since_it_was_shown_is_refused()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync("update timesheet_old set is_approved = false where id = 6");
        await scene.RoundAsync();
        var shown = await RowAsync(scene, "is_approved");

        await scene.Scene.OldAsync("update timesheet_old set break_minutes = break_minutes + 60, hours_worked = hours_worked - 1, amount_due = amount_due - 21.5 where id = 6");
        await scene.RoundAsync();

        await ShouldBeRefusedAsync(scene, shown);
        (await scene.GroupAsync("is_approved")).Open.ShouldBe(1);
    }

    [Fact]
    public async Task A_decision_for_a_row_that_somebody_else_has_decided_on_since_it_was_shown_is_refused()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync("update timesheet_old set is_approved = false where id = 6");
        await scene.RoundAsync();
        var shown = await RowAsync(scene, "is_approved");
        (await scene.Quarantine.Decide(ReplicationScene.Admin, shown, QuarantineDecision.Skip)).Trouble.ShouldBeNull();

        await ShouldBeRefusedAsync(scene, shown);

        (await scene.GroupAsync("is_approved")).Skipped.ShouldBe(1);
        // Whoever has seen that decision may change it.
        (await scene.Quarantine.Decide(ReplicationScene.Admin, await RowAsync(scene, "is_approved"), QuarantineDecision.TakeFlag)).Trouble.ShouldBeNull();
    }

    [Fact]
    public async Task A_decision_for_all_rows_is_one_for_those_that_were_counted()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync("update timesheet_old set is_approved = false where id in (6, 7)");
        await scene.RoundAsync();
        var shown = await scene.GroupAsync("is_approved");

        await scene.Scene.OldAsync("update timesheet_old set is_approved = false where id = 3");
        await scene.RoundAsync();
        (await scene.Quarantine.Decide(ReplicationScene.Admin, (await RowAsync(scene, "is_approved", 7)), QuarantineDecision.Skip)).Trouble.ShouldBeNull();

        shown.Open.ShouldBe(2);
        (await scene.Quarantine.DecideAll(ReplicationScene.Admin, shown, QuarantineDecision.TakeFlag)).Value.ShouldNotBeNull().Rows.ShouldBe(1);
        (await scene.Scene.NewAsync<string>("select string_agg(key || ' ' || state, ', ' order by key) from replication.quarantine"))
            .ShouldBe("3 open, 6 decided, 7 skipped");
        (await scene.Quarantine.DecideAll(ReplicationScene.Admin, shown, QuarantineDecision.TakeFlag)).Trouble.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("status = 'submitted', is_approved = false", 0)]
    [InlineData("break_minutes = 5", 1)]
    public async Task A_decision_about_a_row_that_the_old_system_has_changed_since_is_none_any_more(string change, int open)
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync("update timesheet_old set is_approved = false where id = 6");
        await scene.RoundAsync();
        (await scene.Quarantine.DecideAll(ReplicationScene.Admin, await scene.GroupAsync("is_approved"), QuarantineDecision.TakeStatus)).Trouble.ShouldBeNull();

        await scene.Scene.OldAsync($"update timesheet_old set {change} where id = 6");
        await scene.RoundAsync();
        (await scene.Quarantine.Rerun(ReplicationScene.Admin)).Value.ShouldNotBeNull().Rows.ShouldBe(0);

        (await scene.ReadAsync()).Open.ShouldBe(open);
        (await scene.DifferencesAsync()).ShouldBe(open);
    }

    [Fact]
    public async Task When_the_old_system_mends_its_row_the_quarantine_is_over()
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync("update timesheet_old set is_approved = false where id = 6");
        await scene.RoundAsync();

        await scene.Scene.OldAsync("update timesheet_old set is_approved = true where id = 6");
        await scene.RoundAsync();

        var report = await scene.ReadAsync();
        report.Open.ShouldBe(0);
        report.NewRows.ShouldBe(12);
        (await scene.DifferencesAsync()).ShouldBe(0);
    }

    private static async Task<QuarantinedRow> RowAsync(BackfillScene scene, string reason, long key = 6) =>
        (await scene.Quarantine.Read(ReplicationScene.Admin, [reason], 100)).Value.ShouldNotBeNull().Single(r => r.Key == key);

    private static async Task ShouldBeRefusedAsync(BackfillScene scene, QuarantinedRow shown) =>
        (await scene.Quarantine.Decide(ReplicationScene.Admin, shown, QuarantineDecision.TakeStatus)).Trouble.ShouldNotBeNull().Summary.ShouldStartWith("Meanwhile");
}
