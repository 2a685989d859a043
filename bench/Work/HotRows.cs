namespace Portal.Bench.Work;

/// <summary>Clients that change the hospital of options and move timesheets from one options to another, all on the same few
/// rows: an old row depends on both.</summary>
internal static class HotRows
{
    private const int ClientCount = 8;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench)
    {
        var (none, article, byHand, engine) = (bench.Servers.NoReplication, bench.Servers.Article, bench.Servers.ByHand, bench.Servers.Engine);
        var rounds = await bench.RoundsAsync([.. bench.Servers.All, byHand], async variant =>
        {
            var done = await bench.Clients.RunAsync(variant, ClientCount, bench.Scale.Seconds, bench.Cancel, "change_options.sql", "move_timesheet.sql");
            if (variant == none)
            {
                return (Done: done, Waited: 0L, Different: 0L);
            }

            var waited = variant == engine ? await variant.DrainAsync(bench.Cancel) : 0;
            return (Done: done, Waited: waited, Different: await variant.DifferencesAsync(bench.Cancel));
        });

        var ratio = rounds.Ratio(engine, article, r => r.Done.PerSecond);
        var toByHand = rounds.Ratio(engine, byHand, r => r.Done.PerSecond);
        var (failed, different) = (rounds.Of(engine).Sum(r => r.Done.Failed), rounds.Of(engine).Sum(r => r.Different));
        return
        [
            new Figure($"{ClientCount} clients, 20 hot rows: fan-out and moves",
                Said(none), Said(article), $"{Said(engine)} ({Text.Times(ratio)} the article's)",
                "0 failed, 0 different, at least 1.00x the article's",
                failed > 0 || different > 0 ? Verdict.Missed : bench.Judge(ratio >= 1),
                new
                {
                    engineToArticle = ratio,
                    perSecond = rounds.Numbers(r => r.Done.PerSecond),
                    failed = rounds.Numbers(r => r.Done.Failed),
                    failedShare = rounds.Numbers(r => r.Done.FailedShare),
                    different = rounds.Numbers(r => r.Different),
                    rowsLeftToTheWorker = rounds.Of(engine).Select(r => r.Waited),
                }),
            new Figure("The same: beside a fan-out written by hand for this change alone, two columns of four rows in one statement",
                "", Said(byHand), $"{Text.Times(toByHand)} of that", "", Verdict.NotJudged, new { engineToByHand = toByHand }),
        ];

        string Said(Variant variant) =>
            $"{Text.PerSecond(rounds.Median(variant, r => r.Done.PerSecond))}, {Text.Percent(rounds.Median(variant, r => r.Done.FailedShare))} failed"
            + (variant == none ? "" : $", {rounds.Of(variant).Max(r => r.Different)} of 20 different");
    }
}
