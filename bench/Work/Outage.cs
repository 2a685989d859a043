using System.Diagnostics;
using Npgsql;

namespace Portal.Bench.Work;

/// <summary>Writing while the old database is down.</summary>
internal static class Outage
{
    private const double MostAdded = 1;
    private const string Insert = "insert into timesheet_new (worker_id, status, timesheet_options_id) values (33, 'approved', 14)";

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench)
    {
        var (none, article, engine) = (bench.Servers.NoReplication, bench.Servers.Article, bench.Servers.Engine);
        await using var sessionOfNone = await none.ClientAsync(bench.Cancel);
        await using var sessionOfArticle = await article.ClientAsync(bench.Cancel);
        await using var sessionOfEngine = await engine.ClientAsync(bench.Cancel);

        await bench.Servers.StopOldAsync(bench.Cancel);
        // The first one meets the outage and opens the breaker.
        var first = await TryAsync(sessionOfEngine, bench.Cancel);
        var articleTries = await RepeatAsync(sessionOfArticle, bench.Scale.OutagePairs / 20, bench.Cancel);
        var tries = new List<double?> { first };
        var rounds = new List<(double None, double Engine)>();
        for (var round = bench.Scale.JudgesSpeed ? 0 : 1; round <= bench.Scale.Rounds; round++)
        {
            var (ofNone, ofEngine) = (new List<double>(), new List<double>());
            for (var pair = 0; pair < bench.Scale.OutagePairs; pair++)
            {
                ofNone.Add(await TryAsync(sessionOfNone, bench.Cancel) ?? throw new InvalidOperationException("An insert without replication failed."));
                var took = await TryAsync(sessionOfEngine, bench.Cancel);
                tries.Add(took);
                ofEngine.Add(took ?? double.PositiveInfinity);
            }

            if (round > 0)
            {
                rounds.Add((Statistics.Quantile(ofNone, 0.99), Statistics.Quantile(ofEngine, 0.99)));
            }
        }

        var queued = await engine.AskAsync<long>("select sum(cardinality(keys))::bigint from replication.outbox", bench.Cancel);
        await bench.Servers.StartOldAsync(bench.Cancel);
        await engine.NewAsync("select replication.link_restored()", bench.Cancel);
        await engine.DrainAsync(bench.Cancel);
        var different = await engine.DifferencesAsync(bench.Cancel);
        foreach (var variant in bench.Servers.All)
        {
            await variant.CleanAsync(bench.Cancel);
        }

        var added = Statistics.Median(rounds.Select(r => r.Engine - r.None));
        var (shareOfArticle, share) = (Share(articleTries), Share(tries));
        const string Work = "Old database down";
        return
        [
            new Figure($"{Work}: commits that succeed", Text.Percent(1), Text.Percent(shareOfArticle),
                $"{Text.Percent(share)}; {different} rows different once it was back and the outbox empty",
                "100 %",
                bench.Judge(tries.All(t => t is not null) && different == 0, isSpeed: false),
                new { article = shareOfArticle, engine = share, transactions = tries.Count, queued, different }),
            new Figure($"{Work}, breaker open: 99th percentile of a commit",
                Text.Milliseconds(Statistics.Median(rounds.Select(r => r.None))), "",
                $"{Text.Milliseconds(Statistics.Median(rounds.Select(r => r.Engine)))} (added: {Text.Milliseconds(added)})",
                "below 1 ms added",
                bench.Judge(added < MostAdded),
                new
                {
                    addedMilliseconds = added,
                    pairsInARound = bench.Scale.OutagePairs,
                    firstTransactionMilliseconds = first,
                    p99 = rounds.Select(r => new { none = Math.Round(r.None, 3), engine = Math.Round(r.Engine, 3) }),
                }),
        ];
    }

    private static double Share(IReadOnlyCollection<double?> tries) => (double)tries.Count(t => t is not null) / tries.Count;

    private static async Task<IReadOnlyCollection<double?>> RepeatAsync(NpgsqlConnection session, int times, CancellationToken cancel)
    {
        var tries = new List<double?>();
        for (var n = 0; n < Math.Max(10, times); n++)
        {
            tries.Add(await TryAsync(session, cancel));
        }

        return tries;
    }

    /// <returns>Milliseconds; null: the transaction failed.</returns>
    private static async Task<double?> TryAsync(NpgsqlConnection session, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(Insert, session);
        var started = Stopwatch.GetTimestamp();
        try
        {
            await command.ExecuteNonQueryAsync(cancel);
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
        catch (PostgresException)
        {
            return null;
        }
    }
}
