using System.Diagnostics;
using System.Globalization;

namespace Portal.Bench.Work;

/// <summary>Emptying an outbox that has grown long.</summary>
internal static class Drain
{
    private const double Least = 40_000;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench)
    {
        var engine = bench.Servers.Engine;
        var keys = bench.Scale.DrainKeys;
        (string Mix, string Change)[] mixes =
        [
            ("new rows", Bulk.Insert(keys)),
            ("changed rows", "update timesheet_new set status = 'submitted' where id >= 1000000"),
            ("rows that show a changed hospital", "update hospital set name = name || '.' where id in (select hospital_id from timesheet_options where id > 100)"),
            ("rows that are right already", "insert into replication.outbox (mapping, keys) select 'timesheet_old', array_agg(id) from timesheet_new where id >= 1000000 group by id / 10000"),
        ];

        await engine.NewAsync("select replication.set_mode('queued', 'bench')", bench.Cancel);
        var rates = mixes.Select(_ => new List<double>()).ToList();
        for (var round = 0; round < bench.Scale.Rounds; round++)
        {
            for (var mix = 0; mix < mixes.Length; mix++)
            {
                await engine.NewAsync(mixes[mix].Change, bench.Cancel);
                var started = Stopwatch.GetTimestamp();
                var written = await engine.DrainAsync(bench.Cancel);
                rates[mix].Add(written / Stopwatch.GetElapsedTime(started).TotalSeconds);
            }

            await engine.CleanAsync(bench.Cancel);
        }

        await engine.NewAsync("select replication.set_mode('synchronous', 'bench')", bench.Cancel);
        return
        [
            .. mixes.Zip(rates, (mix, rate) => new Figure(
                $"Drain of {keys.ToString("N0", CultureInfo.InvariantCulture)} keys: {mix.Mix}", "", "",
                Text.Keys(Statistics.Median(rate)), $"at least {Text.Keys(Least)}",
                bench.Judge(Statistics.Median(rate) >= Least),
                new { keysPerSecond = rate.Select(r => Math.Round(r)) })),
        ];
    }
}
