using System.Globalization;
using Portal.Tests.Support;

namespace Portal.Tests.Replication.Faults;

/// <summary>Writers of every kind, while servers are killed and stopped, the link is cut, and the worker comes and goes.
/// PORTAL_FAULT_SEED replays a run, PORTAL_FAULT_SEEDS makes so many of them, PORTAL_FAULT_SECONDS says how long each is.</summary>
[EveryPostgres]
public sealed class FaultRunTests(ITestOutputHelper output)
{
    private const int UsualSeed = 1;

    [Fact]
    public async Task Whatever_happens_nothing_is_lost_and_old_equals_new_afterwards()
    {
        var failed = new List<FaultReport>();
        foreach (var seed in Seeds())
        {
            await using var scene = await FaultScene.OnOwnServersAsync();
            var report = await (FaultRun.Of(seed, Length) with { TellsAll = Number("PORTAL_FAULT_SEED") is not null }).RunAsync(scene);
            output.WriteLine($"{report}");
            if (report.Problems.Count > 0)
            {
                failed.Add(report);
            }
        }

        failed.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_articles_trigger_does_not_survive_the_same_run()
    {
        await using var scene = await FaultScene.OnOwnServersAsync();

        var report = await (FaultRun.Of(UsualSeed, TimeSpan.FromSeconds(4)) with
        {
            Sabotage = Sabotage.ArticlesTrigger,
            Workers = 0,
            LastAct = LastActs.PassEachOther,
            UntilEqual = TimeSpan.FromSeconds(1),
        }).RunAsync(scene);

        output.WriteLine($"{report}");
        report.Problems.ShouldContain(p => p.StartsWith("transaction: OldSide", StringComparison.Ordinal));
        report.Problems.ShouldContain(p => p.StartsWith("own comparison", StringComparison.Ordinal));
    }

    private static TimeSpan Length => TimeSpan.FromSeconds(Number("PORTAL_FAULT_SECONDS") ?? 6);

    private static IEnumerable<int> Seeds() =>
        Number("PORTAL_FAULT_SEED") is { } seed ? [seed]
        : Number("PORTAL_FAULT_SEEDS") is { } count ? Enumerable.Range(UsualSeed, count)
        : [UsualSeed, Random.Shared.Next(1_000_000)];

    private static int? Number(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : null;
}
