namespace Portal.Tests.Replication.Faults;

/// <summary>That a run can fail, and by which of its parts: see the table in docs/replication.md.</summary>
public sealed class CheckerTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private static FaultRun Calm => new(1, Short, FaultSchedule.Calm)
    {
        AtLeast = 150,
        Sabotage = Sabotage.NoVerification,
        LastAct = LastActs.PassEachOther,
        UntilEqual = Short,
    };

    [Fact]
    public async Task The_engine_needs_no_verification_where_nothing_fails()
    {
        var report = await RunAsync(Calm);

        report.Problems.ShouldBeEmpty();
        report.InCommitWindow.ShouldBe(0);
    }

    [Fact]
    public async Task The_articles_trigger_fails_even_where_nothing_else_does() =>
        NoticedBy(await RunAsync(Calm with { Sabotage = Sabotage.ArticlesTrigger, Workers = 0 }), "transaction", "replication.compare", "own comparison");

    [Fact]
    public async Task Without_its_locks_the_engine_leaves_differences()
    {
        // Whether two transactions meet in just the wrong moment is chance; in several runs they do.
        var report = await SeveralAsync(Calm with { Sabotage = Sabotage.NoVerification + Sabotage.NoLocks }, r => r.Problems.Count > 0);

        NoticedBy(report, "replication.compare", "own comparison");
    }

    [Fact]
    public async Task A_trigger_that_is_disabled_leaves_differences() =>
        NoticedBy(await RunAsync(Calm with { Sabotage = Sabotage.NoVerification + Sabotage.TriggerDisabled }), "replication.compare", "own comparison");

    [Theory]
    [InlineData(Sabotage.NoLocks)]
    [InlineData(Sabotage.TriggerDisabled)]
    public async Task Verification_mends_what_such_faults_leave(string sabotage) =>
        (await RunAsync(Calm with { Sabotage = sabotage, UntilEqual = TimeSpan.FromSeconds(10) })).Problems.ShouldBeEmpty();

    [Fact]
    public async Task Without_a_worker_the_outbox_does_not_run_empty() =>
        NoticedBy(await RunAsync(Calm with { Workers = 0, UntilEmpty = Short }), "outbox", "replication.compare", "own comparison");

    [Fact]
    public async Task A_wrong_mapping_is_noticed_by_who_reads_the_tables_alone() =>
        NoticedBy(await RunAsync(Calm with { Sabotage = Sabotage.NoVerification + Sabotage.WrongMapping }), "own comparison");

    [Fact]
    public async Task An_acknowledged_write_that_is_lost_on_both_sides_is_noticed_by_the_histories() =>
        NoticedBy(await RunAsync(Calm with { LastAct = LastActs.LoseWrite }), "histories");

    [Fact]
    public async Task The_lost_answer_to_a_commit_leaves_a_difference() =>
        NoticedBy(await RunAsync(Calm with { LastAct = LastActs.LoseAnswer }), "replication.compare", "own comparison");

    [Fact]
    public async Task Verification_mends_what_the_lost_answer_to_a_commit_left() =>
        (await RunAsync(Calm with { LastAct = LastActs.LoseAnswer, Sabotage = null, UntilEqual = TimeSpan.FromSeconds(10) })).Problems.ShouldBeEmpty();

    [Fact]
    public async Task Transactions_that_fail_with_the_link_are_noticed_one_by_one()
    {
        // The link is away for moments only; on a busy machine perhaps nobody wants to write just then.
        var run = Calm with
        {
            Schedule = FaultSchedule.Only(1, TimeSpan.FromSeconds(2), FaultKind.CutLink),
            Sabotage = Sabotage.FailsWithTheLink,
            LastAct = _ => Task.CompletedTask,
        };
        var report = await SeveralAsync(run, FailedWithTheLink);

        FailedWithTheLink(report).ShouldBeTrue();

        static bool FailedWithTheLink(FaultReport report) =>
            report.Problems.Any(p => p.StartsWith("transaction: OldSide", StringComparison.Ordinal));
    }

    /// <summary>Runs with one seed after another until one has what was looked for, ten at most.</summary>
    /// <returns>The last of them.</returns>
    private async Task<FaultReport> SeveralAsync(FaultRun run, Func<FaultReport, bool> isFound)
    {
        FaultReport report;
        do
        {
            report = await RunAsync(run);
            run = run with { Seed = run.Seed + 1 };
        }
        while (!isFound(report) && run.Seed <= 10);

        return report;
    }

    private async Task<FaultReport> RunAsync(FaultRun run)
    {
        await using var scene = await FaultScene.OnSharedServersAsync();
        var report = await run.RunAsync(scene);
        output.WriteLine($"{report}");
        return report;
    }

    private static void NoticedBy(FaultReport report, params string[] parts) =>
        report.Problems.Select(p => p[..p.IndexOf(':', StringComparison.Ordinal)]).Distinct().Order().ShouldBe(parts.Order());
}
