using Portal.Data.Replication;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

[EveryPostgres]
public sealed class ComparisonTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_that_were_replicated_are_all_the_same()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var summary = (await scene.Comparison.Summarise(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull();

        summary.Compared.ShouldBe(12);
        summary.Same.ShouldBe(12);
        summary.Differences.ShouldBe(0);
    }

    [Fact]
    public async Task A_missing_an_extra_and_a_different_row_are_each_counted_as_what_they_are()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("""
            delete from timesheet_old where id = 3;
            insert into timesheet_old (id, worker_id, hospital_id, status, is_approved) values (900, 33, 15, 'draft', false), (-4, 33, 15, 'draft', false);
            update timesheet_old set status = 'draft', is_approved = false where id = 7;
            """);

        var summary = (await scene.Comparison.Summarise(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull();
        var rows = await Differences(scene);

        (summary.Compared, summary.Same, summary.Missing, summary.Extra, summary.Different).ShouldBe((14, 10, 1, 2, 1));
        rows.Select(r => (r.Id, r.Difference)).ShouldBe(
            [(-4, Difference.Extra), (3, Difference.Missing), (7, Difference.Different), (900, Difference.Extra)]);
    }

    [Theory]
    [InlineData("worker_id", "34000")]
    [InlineData("hospital_id", "15000")]
    [InlineData("status", "'rejected'")]
    [InlineData("is_approved", "false")]
    [InlineData("worker_name", "'Amara O''Kafor \"A\" \\ ; --'")]
    [InlineData("worker_name", "null")]
    [InlineData("worker_name", "''")]
    [InlineData("worker_name", "worker_name || ' '")]
    [InlineData("hospital_name", "'Zürich 医院 🏥'")]
    [InlineData("hospital_name", "'Zu' || chr(776) || 'rich \"Süd\"'")]
    [InlineData("shift_date", "shift_date + 1")]
    [InlineData("shift_date", "null")]
    [InlineData("start_time", "start_time + interval '1 microsecond'")]
    [InlineData("end_time", "null")]
    [InlineData("break_minutes", "0")]
    [InlineData("hours_worked", "8.01")]
    [InlineData("hours_worked", "'NaN'")]
    [InlineData("amount_due", "-172.00")]
    [InlineData("is_paid", "true")]
    public async Task A_difference_in_any_one_column_is_found_and_named(string column, string value)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync($"update timesheet_old set {column} = {value} where id = 5");

        var row = (await Differences(scene)).ShouldHaveSingleItem();
        var page = await Page(scene, new RowFilter(Id: 5));

        row.Difference.ShouldBe(Difference.Different);
        page.Columns.Zip(row.Cells).Where(c => c.Second.Differs).Select(c => c.First.Name).ShouldBe([column]);
        (await scene.Comparison.Summarise(ReplicationScene.Admin, Cancel)).Value?.Different.ShouldBe(1);
    }

    [Fact]
    public async Task A_row_that_has_no_times_yet_is_the_same_with_its_nulls()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("""
            insert into timesheet_options (id, hospital_id) values (100, 15);
            insert into timesheet_new (id, worker_id, timesheet_options_id) values (100, 33, 100);
            """);

        var page = await Page(scene, new RowFilter(Id: 100));

        page.Rows.ShouldHaveSingleItem().Difference.ShouldBe(Difference.Same);
        page.Rows[0].Cells[page.Columns.ToList().FindIndex(c => c.Name == "shift_date")].ShouldBe(new(null, null, false));
    }

    [Fact]
    public async Task Rows_are_found_by_number_worker_and_hospital_in_either_database()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("update timesheet_old set worker_id = 77, worker_name = 'Someone Else' where id = 1");

        (await Ids(scene, new RowFilter(Id: 4))).ShouldBe([4]);
        (await Ids(scene, new RowFilter(Id: 4000))).ShouldBeEmpty();
        (await Ids(scene, new RowFilter(WorkerId: 33))).ShouldBe([2, 4, 6, 8, 10, 12]);
        (await Ids(scene, new RowFilter(WorkerId: 77))).ShouldBe([1]);
        (await Ids(scene, new RowFilter(WorkerName: "o'b"))).ShouldBe([1, 3, 5, 7, 9, 11]);
        (await Ids(scene, new RowFilter(WorkerName: "someone"))).ShouldBe([1]);
        (await Ids(scene, new RowFilter(WorkerName: "%"))).ShouldBeEmpty();
        (await Ids(scene, new RowFilter(HospitalId: 16, OnlyDifferences: true))).ShouldBe([1]);
        (await Ids(scene, new RowFilter(HospitalName: "\"süd"))).ShouldBe([1, 3, 5, 7, 9, 11]);
        (await Ids(scene, new RowFilter(OnlyDifferences: true))).ShouldBe([1]);
    }

    [Fact]
    public async Task Pages_lead_forth_and_back_over_the_same_rows()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var first = await Page(scene, new RowFilter(), size: 5);
        var second = await Page(scene, new RowFilter(), new PageKey(After: 5), 5);
        var last = await Page(scene, new RowFilter(), new PageKey(After: 10), 5);
        var back = await Page(scene, new RowFilter(), new PageKey(Before: 11), 5);
        var start = await Page(scene, new RowFilter(), new PageKey(Before: 6), 5);

        first.Rows.Select(r => r.Id).ShouldBe([1, 2, 3, 4, 5]);
        second.Rows.Select(r => r.Id).ShouldBe([6, 7, 8, 9, 10]);
        last.Rows.Select(r => r.Id).ShouldBe([11, 12]);
        back.Rows.Select(r => r.Id).ShouldBe([6, 7, 8, 9, 10]);
        start.Rows.Select(r => r.Id).ShouldBe([1, 2, 3, 4, 5]);
        new[] { first, second, last, back, start }.Select(p => (p.HasEarlier, p.HasLater))
            .ShouldBe([(false, true), (true, true), (true, false), (true, true), (false, true)]);
    }

    [Fact]
    public async Task A_row_that_is_being_written_while_both_sides_are_read_is_no_difference()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await scene.NewAsync($"update timesheet_options set hourly_rate = 20 + {i % 10} where id = {1 + (i % 12)}");
            }
        }, Cancel);

        for (var i = 0; i < 50; i++)
        {
            (await scene.Comparison.Summarise(ReplicationScene.Admin, Cancel)).Value.ShouldNotBeNull().Differences.ShouldBe(0);
        }

        await stop.CancelAsync();
        await writing;
    }

    private static async Task<IReadOnlyList<ComparedRow>> Differences(ReplicationScene scene) =>
        (await Page(scene, new RowFilter(OnlyDifferences: true))).Rows;

    private static async Task<IEnumerable<long>> Ids(ReplicationScene scene, RowFilter filter) =>
        (await Page(scene, filter)).Rows.Select(r => r.Id);

    private static async Task<ComparedPage> Page(
        ReplicationScene scene, RowFilter filter, PageKey? from = null, int size = Comparison.PageSize) =>
        (await scene.Comparison.Page(ReplicationScene.Admin, filter, from ?? new PageKey(), size, Cancel)).Value.ShouldNotBeNull();
}
