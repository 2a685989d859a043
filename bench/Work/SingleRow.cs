namespace Portal.Bench.Work;

/// <summary>Clients that write one row in each transaction.</summary>
internal static class SingleRow
{
    private const int ClientCount = 4;
    private const double Least = 0.95;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench)
    {
        List<Figure> figures =
        [
            Figure(bench, "INSERT of one row", await MeasureAsync(bench, "insert_one.sql"), isJudged: true),
            Figure(bench, "UPDATE of one row", await MeasureAsync(bench, "update_one.sql"), isJudged: true),
        ];
        // As the article's trigger does: each commit waits for the old server's disk as well.
        await WaitForOldDiskAsync(bench, from: "off", to: "on");
        figures.Add(Figure(bench, "INSERT of one row, waiting for the old server's disk too", await MeasureAsync(bench, "insert_one.sql"), isJudged: false));
        figures.Add(Figure(bench, "UPDATE of one row, waiting for the old server's disk too", await MeasureAsync(bench, "update_one.sql"), isJudged: false));
        await WaitForOldDiskAsync(bench, from: "on", to: "off");
        foreach (var variant in bench.Servers.All)
        {
            await variant.CleanAsync(bench.Cancel);
        }

        return figures;
    }

    private static Task<Rounds<Throughput>> MeasureAsync(Bench bench, string script) =>
        bench.RoundsAsync(bench.Servers.All, variant =>
            bench.Clients.RunAsync(variant, ClientCount, bench.Scale.Seconds, bench.Cancel, script));

    private static Task WaitForOldDiskAsync(Bench bench, string from, string to) => bench.Servers.Engine.OwnerAsync($"""
        do $$
        begin
            execute (select format('alter server timesheet_old_server options (set options %L)',
                                   replace(o.option_value, 'synchronous_commit={from}', 'synchronous_commit={to}'))
                       from pg_foreign_server s, pg_options_to_table(s.srvoptions) o
                      where s.srvname = 'timesheet_old_server' and o.option_name = 'options');
        end $$
        """, bench.Cancel);

    private static Figure Figure(Bench bench, string work, Rounds<Throughput> rounds, bool isJudged)
    {
        var (none, article, engine) = (bench.Servers.NoReplication, bench.Servers.Article, bench.Servers.Engine);
        var ratio = rounds.Ratio(engine, article, r => r.PerSecond);
        return new Figure($"{work}, {ClientCount} clients",
            Text.PerSecond(rounds.Median(none, r => r.PerSecond)),
            Text.PerSecond(rounds.Median(article, r => r.PerSecond)),
            $"{Text.PerSecond(rounds.Median(engine, r => r.PerSecond))} ({Text.Times(ratio)} the article's)",
            isJudged ? $"at least {Text.Times(Least)} the article's" : "",
            isJudged ? bench.Judge(ratio >= Least) : Verdict.NotJudged,
            new { engineToArticle = ratio, clients = bench.Clients.Kind, perSecond = rounds.Numbers(r => r.PerSecond) });
    }
}
