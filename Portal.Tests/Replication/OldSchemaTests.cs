using Portal.Data.Replication;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

[EveryPostgres]
public sealed class OldSchemaTests
{
    private const string Picture = "timesheet_old_schema.timesheet_old";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_migrated_pair_has_no_drift_and_says_how_the_old_side_is()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var report = await Report(scene);

        report.Schema.SeenAt.ShouldNotBeNull();
        report.Schema.Tables.Select(t => t.ForeignTable).ShouldBe(["replication.inbox", "replication.inbox_timesheet_old", "replication.others_wrote", Picture], ignoreOrder: true);
        report.Schema.Tables.ShouldAllBe(t => !t.IsDrift);
        report.Schema.Tables.SelectMany(t => t.Columns).SelectMany(c => c.Findings).ShouldBeEmpty();
        var old = report.Old.ShouldNotBeNull();
        old.Version.ShouldBe(await scene.OldAsync<string>("show server_version"));
        old.Writer.ShouldBe("replicator");
        old.Rights.ShouldAllBe(r => r.Lacking.Count == 0);
        // Both servers have this machine's clock.
        old.ClockSkew.Duration().ShouldBeLessThan(old.ClockError + TimeSpan.FromMilliseconds(20));
    }

    [Theory]
    [InlineData("rename column is_paid to paid", "is_paid", ColumnFinding.Missing, ColumnFinding.Unmapped)]
    [InlineData("rename column is_paid to paid", "paid", ColumnFinding.Extra)]
    [InlineData("drop column hours_worked", "hours_worked", ColumnFinding.Missing, ColumnFinding.Unmapped)]
    [InlineData("add note text", "note", ColumnFinding.Extra)]
    [InlineData("add kind integer not null default 1", "kind", ColumnFinding.Extra)]
    [InlineData("add kind integer; update timesheet_old set kind = 1; alter table timesheet_old alter kind set not null", "kind", ColumnFinding.Extra, ColumnFinding.Required)]
    [InlineData("alter worker_name type varchar(80)", "worker_name", ColumnFinding.Type, ColumnFinding.MappedType)]
    [InlineData("alter amount_due type numeric(10, 2)", "amount_due", ColumnFinding.Type, ColumnFinding.MappedType)]
    [InlineData("alter worker_name set not null", "worker_name", ColumnFinding.Nullability)]
    [InlineData("alter is_paid drop not null", "is_paid", ColumnFinding.Nullability)]
    [InlineData("drop column hospital_name; alter table timesheet_old add hospital_name text", "hospital_name", ColumnFinding.Order)]
    public async Task Each_kind_of_change_of_an_old_column_is_found(string change, string column, params ColumnFinding[] findings)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync($"alter table timesheet_old {change}");

        var table = (await Report(scene)).Schema.Tables.Single(t => t.ForeignTable == Picture);

        table.IsDrift.ShouldBeTrue();
        table.Columns.Single(c => c.Name == column).Findings.ShouldBe(findings);
    }

    [Fact]
    public async Task A_table_that_is_gone_is_told_from_one_that_has_changed_and_importing_it_changes_nothing()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old rename to timesheets");

        (await Report(scene)).Schema.Tables.Single(t => t.ForeignTable == Picture).IsGone.ShouldBeTrue();
        (await Import(scene)).Trouble.ShouldNotBeNull().Summary.ShouldContain("has no table");

        (await scene.NewAsync<long>("select count(*) from pg_attribute where attrelid = 'timesheet_old_schema.timesheet_old'::regclass and attnum > 0")).ShouldBe(14);
    }

    [Fact]
    public async Task Importing_anew_takes_what_is_there_in_one_transaction_and_is_noted()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old alter worker_name set not null");
        await Report(scene);

        var after = (await Import(scene)).Value.ShouldNotBeNull();

        after.Tables.ShouldAllBe(t => !t.IsDrift);
        (await scene.Comparison.Summarise(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull().Differences.ShouldBe(0);
        (await scene.NewAsync<string>("""
            select concat_ws(' | ', account, action, subject, reason,
                             before -> 'columns' -> 5 ->> 'not_null', after -> 'columns' -> 5 ->> 'not_null', after -> 'statements' ->> 0) from replication.audit
            """)).ShouldBe($"Ada Admin | import anew | {Picture} | a test | false | true | drop foreign table {Picture}");
    }

    [Fact]
    public async Task Nothing_is_imported_by_other_statements_than_were_shown()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        var before = (await scene.OldSchema.Preview(ReplicationScene.Admin, Picture, Cancel)).Value.ShouldNotBeNull();
        await scene.NewAsync($"grant select on {Picture} to portal_replicator");

        var answer = await scene.OldSchema.ImportAnew(ReplicationScene.Admin, Picture, before, "a test", Cancel);

        answer.Trouble.ShouldNotBeNull().Summary.ShouldBe("The tables have changed since this was shown.");
    }

    [Fact]
    public async Task What_is_shown_is_what_would_be_done_now_however_old_the_last_look_is()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old add note text");
        await Report(scene);
        await scene.OldAsync("alter table timesheet_old drop note");

        var steps = (await scene.OldSchema.Preview(ReplicationScene.Admin, Picture, Cancel)).Value.ShouldNotBeNull();
        await Report(scene);

        steps.ShouldNotContain(s => s.Contains("note", StringComparison.Ordinal));
        (await scene.OldSchema.ImportAnew(ReplicationScene.Admin, Picture, steps, "a test", Cancel)).Value.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_column_that_is_left_out_on_purpose_is_no_drift_and_stays_out_at_every_import()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old add note text");
        await Report(scene);

        (await scene.OldSchema.LeaveOut(ReplicationScene.Admin, Picture, "note", true, "the new side has its own", Cancel)).Value.ShouldNotBeNull();
        await Import(scene);
        await scene.NewAsync("select replication.import_old_schema()");

        var table = (await Report(scene)).Schema.Tables.Single(t => t.ForeignTable == Picture);
        table.IsDrift.ShouldBeFalse();
        var note = table.Columns.Single(c => c.Name == "note");
        (note.Here, note.LeftOutReason).ShouldBe((null, "the new side has its own"));
        (await scene.Comparison.Summarise(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull().Differences.ShouldBe(0);

        (await scene.OldSchema.LeaveOut(ReplicationScene.Admin, Picture, "note", false, "it is wanted after all", Cancel)).Value.ShouldNotBeNull()
            .Tables.Single(t => t.ForeignTable == Picture).Columns.Single(c => c.Name == "note").Findings.ShouldBe([ColumnFinding.Extra]);
    }

    [Fact]
    public async Task What_was_imported_and_the_mapping_does_not_show_is_found_since_it_breaks_the_continuous_check()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old add note text");
        await scene.NewAsync($"alter foreign table {Picture} add column note text");

        (await Report(scene)).Schema.Tables.Single(t => t.ForeignTable == Picture).Columns.Single(c => c.Name == "note").Findings.ShouldBe([ColumnFinding.Unshown]);
        (await scene.NewAsync<long>("select differences from replication.verify('timesheet_old')")).ShouldBeGreaterThan(0);

        await scene.OldSchema.LeaveOut(ReplicationScene.Admin, Picture, "note", true, "not needed", Cancel);
        (await scene.NewAsync<long>("select differences from replication.verify('timesheet_old')")).ShouldBe(0);
        (await scene.Comparison.Summarise(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull().Differences.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_old_column_that_the_mapping_does_not_show_does_not_get_in_the_way_of_the_comparison(bool byMigration)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old add note text");
        await Report(scene);

        await (byMigration ? scene.NewAsync("select replication.import_old_schema()") : Import(scene));

        (await scene.Comparison.Summarise(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull().Differences.ShouldBe(0);
        (await Report(scene)).Schema.Tables.Single(t => t.ForeignTable == Picture).Columns.Single(c => c.Name == "note").Findings.ShouldBe([ColumnFinding.Extra]);
    }

    [Fact]
    public async Task A_column_that_the_mapping_shows_cannot_be_left_out()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await Report(scene);

        (await scene.OldSchema.LeaveOut(ReplicationScene.Admin, Picture, "status", true, "why not", Cancel)).Trouble.ShouldNotBeNull();

        (await scene.NewAsync<long>("select count(*) from replication.left_out_column")).ShouldBe(0);
    }

    [Fact]
    public async Task Rights_that_the_replication_lacks_are_told()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("revoke delete on timesheet_old from portal_replicator");

        (await Report(scene)).Old.ShouldNotBeNull().Rights.Single(r => r.Table == "public.timesheet_old").Lacking.ShouldBe(["delete"]);
    }

    [Fact]
    public async Task A_column_that_is_not_imported_makes_no_row_differ_for_the_continuous_check()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("alter foreign table timesheet_old_schema.timesheet_old drop column break_minutes");

        await scene.Outbox.VerifyAsync(100, TestContext.Current.CancellationToken);

        (await scene.NewAsync<long>("select found_last from replication.verification")).ShouldBe(0);
    }

    [Fact]
    public async Task Only_an_admin_can_import()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        (await scene.OldSchema.Preview(ReplicationScene.Worker, Picture, Cancel)).Trouble.ShouldBe(Trouble.NotAllowed);
        (await scene.OldSchema.ImportAnew(ReplicationScene.Worker, Picture, [], "why", Cancel)).Trouble.ShouldBe(Trouble.NotAllowed);
    }

    private static async Task<Answer<SchemaReport>> Import(ReplicationScene scene)
    {
        var steps = (await scene.OldSchema.Preview(ReplicationScene.Admin, Picture, Cancel)).Value.ShouldNotBeNull();
        return await scene.OldSchema.ImportAnew(ReplicationScene.Admin, Picture, steps, "a test", Cancel);
    }

    private static async Task<ServerReport> Report(ReplicationScene scene) =>
        (await scene.Servers.List(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull();
}
