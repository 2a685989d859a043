using System.Text.Json;
using Portal.Bench;
using Portal.Tests.Support;

namespace Portal.Tests.Benchmarks;

/// <summary>The benchmark in its quickest form: that it works, and what of its answers does not depend on speed.</summary>
public sealed class BenchTests
{
    private static readonly Scale Least = new(Rounds: 1, BulkRows: 20, Seconds: 0.2, OutagePairs: 5, DrainKeys: 20, BigRows: 1000, CompareRows: 3000, BackfillRows: 12_000, JudgesSpeed: false);

    [Fact]
    public async Task It_measures_all_works_beside_the_article_s_trigger()
    {
        var report = await BenchCommand.MeasureAsync(
            PostgresClusters.Search(), PostgresClusters.Hasty, Least, only: [], new Clients(pgbench: null), _ => { }, TestContext.Current.CancellationToken);

        report.Figures.Count.ShouldBe(27);
        report.Figures.Where(f => f.Verdict == Verdict.Missed).ShouldBeEmpty();
        // Commits while the old database is down, one big transaction, remote statements.
        report.Figures.Count(f => f.Verdict == Verdict.Met).ShouldBe(3);
        report.Figures.Single(f => f.Work.EndsWith("commits that succeed", StringComparison.Ordinal)).Article.ShouldBe("0 %");

        report.ToMarkdown().Split('\n').ShouldAllBe(line => line.Count(c => c == '|') == 7);
        JsonDocument.Parse(report.ToJson()).RootElement.GetProperty("figures").GetArrayLength().ShouldBe(27);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_missed_target_is_enough_to_fail(bool missed)
    {
        var figures = new[] { Verdict.Met, missed ? Verdict.Missed : Verdict.NotJudged }.Select(v => new Figure("", "", "", "", "", v, new object()));

        new Report(DateTimeOffset.UnixEpoch, "", "", "", Least, [.. figures]).AllMet.ShouldBe(!missed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Clients_count_what_they_have_committed(bool pgbench)
    {
        await using var databases = await TestDatabases.CreateAsync();
        var variant = new Variant("engine", databases.Settings);
        await variant.OwnerAsync(Sql.Read("seed.sql"), TestContext.Current.CancellationToken);
        var found = Clients.For(await PostgresClusters.BinaryDirectoryAsync());
        Assert.SkipWhen(pgbench && !found.ArePgbench, "This server's programs have no pgbench.");

        var done = await (pgbench ? found : new Clients(null)).RunAsync(variant, 2, 0.2, TestContext.Current.CancellationToken, "insert_one.sql");

        done.Failed.ShouldBe(0);
        done.PerSecond.ShouldBeGreaterThan(0);
        done.Committed.ShouldBe(
            await variant.AskAsync<long>("select count(*) from timesheet_new where id > 20000", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Clients_count_what_the_server_has_refused()
    {
        await using var databases = await TestDatabases.CreateAsync();

        // There is no worker that a timesheet could be for.
        var done = await new Clients(null).RunAsync(
            new Variant("engine", databases.Settings), 2, 0.2, TestContext.Current.CancellationToken, "insert_one.sql");

        done.Committed.ShouldBe(0);
        done.FailedShare.ShouldBe(1);
    }

    [Theory]
    [InlineData(0.5, 2.5)]
    [InlineData(1, 4)]
    public void A_quantile_lies_between_its_neighbours(double share, double value) =>
        Statistics.Quantile([4, 1, 3, 2], share).ShouldBe(value);
}
