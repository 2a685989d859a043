using Npgsql;
using Portal.Tests.Support;

namespace Portal.Tests.Databases;

/// <summary>What the business tables refuse, whoever writes; each by the constraint that is meant for it.</summary>
[EveryPostgres]
public sealed class ConstraintTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private const string Claim = "insert into timesheet_new (worker_id, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes) values (33, 1, ";
    private const string Plan = "insert into timesheet_options (hospital_id, planned_start, planned_end, planned_break_minutes) values (15, ";

    /// <summary>Timesheet 1 is approved and paid, 2 a draft; both of worker 33, from eight to four.</summary>
    public async ValueTask InitializeAsync() => await RunAsync("""
        insert into hospital (id, name) values (15, 'St Anne') on conflict do nothing;
        insert into worker (id, name) values (33, 'Amara Okafor'), (34, 'Dara O''Brien') on conflict do nothing;
        insert into timesheet_options (id, hospital_id) values (1, 15) on conflict do nothing;
        insert into timesheet_new (id, worker_id, timesheet_options_id, status, claimed_start, claimed_end, claimed_break_minutes) values
            (1, 33, 1, 'approved', '2026-01-01 08:00Z', '2026-01-01 16:00Z', 30),
            (2, 33, 1, 'draft', '2026-01-02 08:00Z', '2026-01-02 16:00Z', 30) on conflict do nothing;
        insert into payment (id, timesheet_id, amount, currency) values (1, 1, 100, 'GBP') on conflict do nothing;
        select setval(pg_get_serial_sequence('timesheet_new', 'id'), 1000), setval(pg_get_serial_sequence('timesheet_options', 'id'), 1000),
               setval(pg_get_serial_sequence('hospital', 'id'), 1000), setval(pg_get_serial_sequence('payment', 'id'), 1000);
        """);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("update timesheet_new set status = 'paid' where id = 2", "timesheet_new_status_is_known")]
    [InlineData("update timesheet_new set status = 'Approved' where id = 2", "timesheet_new_status_is_known")]
    [InlineData(Claim + "'2026-02-01 16:00Z', '2026-02-01 08:00Z', 0)", "timesheet_new_break_shorter_than_shift")]
    [InlineData("update timesheet_new set claimed_end = claimed_start, claimed_break_minutes = 0 where id = 2", "timesheet_new_break_shorter_than_shift")]
    [InlineData(Claim + "'2026-02-01 08:00Z', '2026-02-02 08:00:01Z', 0)", "timesheet_new_claimed_at_most_24_hours")]
    [InlineData(Claim + "'2026-02-01 08:00Z', '2026-02-01 16:00Z', -1)", "timesheet_new_break_not_negative")]
    [InlineData(Claim + "'2026-02-01 08:00Z', '2026-02-01 16:00Z', 480)", "timesheet_new_break_shorter_than_shift")]
    [InlineData(Claim + "'2026-02-01 08:00Z', null, 0)", "timesheet_new_claimed_all_or_none")]
    [InlineData(Claim + "null, '2026-02-01 08:00Z', 0)", "timesheet_new_claimed_all_or_none")]
    [InlineData(Claim + "null, null, 30)", "timesheet_new_claimed_all_or_none")]
    [InlineData("update timesheet_new set claimed_break_minutes = null where id = 2", "timesheet_new_claimed_all_or_none")]
    [InlineData(Claim + "'2026-01-02 15:59:59Z', '2026-01-02 18:00Z', 0)", "timesheet_new_no_overlap")]
    [InlineData(Claim + "'2026-01-02 07:00Z', '2026-01-02 17:00Z', 0)", "timesheet_new_no_overlap")]
    [InlineData(Claim + "'2026-01-02 10:00Z', '2026-01-02 11:00Z', 0)", "timesheet_new_no_overlap")]
    [InlineData("update timesheet_new set worker_id = 99 where id = 2", "timesheet_new_worker_id_fkey")]
    [InlineData("update timesheet_new set timesheet_options_id = 99 where id = 2", "timesheet_new_timesheet_options_id_fkey")]
    public Task A_timesheet_is_refused(string statement, string constraint) => IsRefusedAsync(statement, constraint);

    [Theory]
    [InlineData(Plan + "'2026-02-01 16:00Z', '2026-02-01 08:00Z', 0)", "timesheet_options_break_shorter_than_shift")]
    [InlineData(Plan + "'2026-02-01 08:00Z', '2026-02-02 08:00:01Z', 0)", "timesheet_options_planned_at_most_24_hours")]
    [InlineData(Plan + "'2026-02-01 08:00Z', '2026-02-01 16:00Z', -1)", "timesheet_options_break_not_negative")]
    [InlineData(Plan + "'2026-02-01 08:00Z', '2026-02-01 16:00Z', 480)", "timesheet_options_break_shorter_than_shift")]
    [InlineData(Plan + "'2026-02-01 08:00Z', null, 0)", "timesheet_options_planned_both_or_neither")]
    [InlineData(Plan + "null, '2026-02-01 08:00Z', 0)", "timesheet_options_planned_both_or_neither")]
    [InlineData("insert into timesheet_options (hospital_id, hourly_rate) values (15, -0.01)", "timesheet_options_hourly_rate_check")]
    [InlineData("insert into timesheet_options (hospital_id, currency) values (15, 'gbp')", "timesheet_options_currency_check")]
    [InlineData("insert into timesheet_options (hospital_id, currency) values (15, '£')", "timesheet_options_currency_check")]
    [InlineData("insert into timesheet_options (hospital_id) values (99)", "timesheet_options_hospital_id_fkey")]
    [InlineData("delete from timesheet_options where id = 1", "timesheet_new_timesheet_options_id_fkey")]
    public Task A_shift_is_refused(string statement, string constraint) => IsRefusedAsync(statement, constraint);

    // An end before the start breaks more than one rule; these are the ones that only it breaks.
    [Theory]
    [InlineData("timesheet_new", "timesheet_new_claimed_end_after_start", "timesheet_new_break_shorter_than_shift", Claim + "'2026-02-01 16:00Z', '2026-02-01 08:00Z', 0)")]
    [InlineData("timesheet_options", "timesheet_options_planned_end_after_start", "timesheet_options_break_shorter_than_shift", Plan + "'2026-02-01 16:00Z', '2026-02-01 08:00Z', 0)")]
    public async Task An_end_before_the_start_is_refused_for_itself(string table, string constraint, string other, string statement)
    {
        await using var connection = await database.Databases.OwnerOfNew.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var without = new NpgsqlCommand($"alter table {table} drop constraint {other}", connection);
        await without.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand(statement, connection);

        (await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).ConstraintName.ShouldBe(constraint);
    }

    [Theory]
    [InlineData("insert into payment (timesheet_id, amount, currency) values (2, 100, 'GBP')", "payment_timesheet_id_status_fkey")]
    [InlineData("insert into payment (timesheet_id, status, amount, currency) values (2, 'draft', 100, 'GBP')", "payment_status_check")]
    [InlineData("insert into payment (timesheet_id, amount, currency) values (1, 100, 'GBP')", "payment_timesheet_id_key")]
    [InlineData("insert into payment (timesheet_id, amount, currency) values (99, 100, 'GBP')", "payment_timesheet_id_status_fkey")]
    [InlineData("insert into payment (timesheet_id, amount, currency) values (2, -1, 'GBP')", "payment_amount_check")]
    [InlineData("insert into payment (timesheet_id, amount, currency) values (2, 1, 'pounds')", "payment_currency_check")]
    [InlineData("update timesheet_new set status = 'rejected' where id = 1", "payment_timesheet_id_status_fkey")]
    [InlineData("delete from timesheet_new where id = 1", "payment_timesheet_id_status_fkey")]
    public Task A_payment_or_what_would_undo_it_is_refused(string statement, string constraint) => IsRefusedAsync(statement, constraint);

    [Theory]
    [InlineData("insert into hospital (name) values (' ')", "hospital_name_check")]
    [InlineData("insert into hospital (name) values ('St Anne')", "hospital_name_key")]
    [InlineData("insert into hospital (name, currency) values ('Other', 'GB')", "hospital_currency_check")]
    [InlineData("insert into hospital (name, time_zone) values ('Other', 'europe/london')", "hospital_time_zone_is_iana")]
    [InlineData("insert into hospital (name, time_zone) values ('Other', 'CEST')", "hospital_time_zone_is_iana")]
    [InlineData("insert into hospital (name, time_zone) values ('Other', '+02')", "hospital_time_zone_is_iana")]
    [InlineData("insert into hospital (name, time_zone) values ('Other', '')", "hospital_time_zone_is_iana")]
    [InlineData("insert into worker (name) values ('')", "worker_name_check")]
    [InlineData("insert into timesheet_history (timesheet_id, account_name, action, to_status) values (2, 'Sam', 'rejected', 'rejected')", "timesheet_history_rejection_has_reason")]
    [InlineData("insert into timesheet_history (timesheet_id, account_name, action, to_status, reason) values (2, 'Sam', 'rejected', 'rejected', '  ')", "timesheet_history_rejection_has_reason")]
    [InlineData("insert into timesheet_history (timesheet_id, account_name, action, to_status) values (2, 'Sam', 'forgotten', 'draft')", "timesheet_history_action_is_known")]
    [InlineData("insert into timesheet_history (timesheet_id, account_name, action, to_status) values (99, 'Sam', 'amended', 'draft')", "timesheet_history_timesheet_id_fkey")]
    public Task A_hospital_a_worker_or_an_entry_of_history_is_refused(string statement, string constraint) => IsRefusedAsync(statement, constraint);

    [Fact]
    public async Task A_time_zone_that_nobody_knows_is_refused() =>
        (await Should.ThrowAsync<PostgresException>(() => RunAsync("insert into hospital (name, time_zone) values ('Other', 'Europe/Atlantis')")))
            .SqlState.ShouldBe(PostgresErrorCodes.InvalidParameterValue);

    [Theory]
    [InlineData("update timesheet_history set reason = 'another'")]
    [InlineData("delete from timesheet_history")]
    [InlineData("truncate timesheet_history")]
    [InlineData("update payment set amount = 1")]
    [InlineData("delete from payment")]
    public async Task History_and_payments_are_only_added_to_by_the_portal(string statement)
    {
        await using var command = database.Databases.New.CreateCommand(statement);
        (await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    [Theory]
    [InlineData(Claim + "'2026-01-02 16:00Z', '2026-01-02 18:00Z', 0)")]
    [InlineData(Claim + "'2026-01-02 06:00Z', '2026-01-02 08:00Z', 0)")]
    [InlineData("insert into timesheet_new (worker_id, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes) values (34, 1, '2026-01-02 08:00Z', '2026-01-02 16:00Z', 0)")]
    [InlineData(Claim + "'2026-02-01 08:00Z', '2026-02-02 08:00Z', 1439)")]
    [InlineData(Plan + "'2026-02-01 08:00Z', '2026-02-02 08:00Z', 1439)")]
    [InlineData("insert into timesheet_new (worker_id, timesheet_options_id) values (33, 1), (33, 1)")]
    [InlineData("insert into hospital (name, time_zone) values ('Far', 'America/Argentina/Buenos_Aires'), ('None', 'UTC'), ('Odd', 'Etc/GMT+5')")]
    [InlineData("insert into timesheet_history (timesheet_id, account_name, action, to_status) values (2, 'Sam', 'approved', 'approved')")]
    public async Task What_is_just_within_the_rules_is_accepted(string statement)
    {
        await using var connection = await database.Databases.New.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(statement, connection);

        (await command.ExecuteNonQueryAsync()).ShouldBeGreaterThan(0);
    }

    private async Task IsRefusedAsync(string statement, string constraint) =>
        (await Should.ThrowAsync<PostgresException>(() => RunAsync(statement))).ConstraintName.ShouldBe(constraint);

    private async Task RunAsync(string sql)
    {
        await using var command = database.Databases.OwnerOfNew.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
