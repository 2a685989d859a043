namespace Portal.Bench.Work;

/// <summary>Clients that write one row in each transaction.</summary>
internal static class SingleRow
{
    private const int ClientCount = 4;
    private const double Least = 0.95;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench)
    {
        var insert = await MeasureAsync(bench, "insert_one.sql");
        var update = await MeasureAsync(bench, "update_one.sql");
        foreach (var variant in bench.Servers.All)
        {
            await variant.CleanAsync(bench.Cancel);
        }

        return [Figure(bench, $"INSERT of one row, {ClientCount} clients", insert), Figure(bench, $"UPDATE of one row, {ClientCount} clients", update)];
    }

    private static Task<Rounds<Throughput>> MeasureAsync(Bench bench, string script) =>
        bench.RoundsAsync(bench.Servers.All, variant =>
            bench.Clients.RunAsync(variant, ClientCount, bench.Scale.Seconds, bench.Cancel, script));

    private static Figure Figure(Bench bench, string work, Rounds<Throughput> rounds)
    {
        var (none, article, engine) = (bench.Servers.NoReplication, bench.Servers.Article, bench.Servers.Engine);
        var ratio = rounds.Ratio(engine, article, r => r.PerSecond);
        return new Figure(work,
            Text.PerSecond(rounds.Median(none, r => r.PerSecond)),
            Text.PerSecond(rounds.Median(article, r => r.PerSecond)),
            $"{Text.PerSecond(rounds.Median(engine, r => r.PerSecond))} ({Text.Times(ratio)} the article's)",
            $"at least {Text.Times(Least)} the article's",
            bench.Judge(ratio >= Least),
            new { engineToArticle = ratio, clients = bench.Clients.Kind, perSecond = rounds.Numbers(r => r.PerSecond) });
    }
}
