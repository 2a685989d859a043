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

        var answer = await scene.Quarantine.Decide(
            ReplicationScene.Admin, ["unknown_worker"], null, QuarantineDecision.Edit, new Dictionary<string, string?> { ["worker_id"] = "Amara" });

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

    [Theory]
    [InlineData("status = 'submitted', is_approved = false", 0)]
    [InlineData("break_minutes = 5", 1)]
    public async Task A_decision_about_a_row_that_the_old_system_has_changed_since_is_none_any_more(string change, int open)
    {
        await using var scene = await BackfillScene.CreateAsync();
        await scene.Scene.OldAsync("update timesheet_old set is_approved = false where id = 6");
        await scene.RoundAsync();
        (await scene.Quarantine.Decide(ReplicationScene.Admin, ["is_approved"], null, QuarantineDecision.TakeStatus, null)).Trouble.ShouldBeNull();

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
}
