using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;
using Portal.Data.Replication.Backfill;

namespace Portal.Bench.Work;

/// <summary>Taking over a full old database, beside one INSERT ... SELECT of its rows through the wrapper, and beside what the new
/// tables' constraints and indexes alone cost.</summary>
internal static class Backfill
{
    private const double MostOfReference = 2;

    private static readonly Caller Admin = new("bench", "Benchmark", AccountRole.Admin, null, new HashSet<long>());

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench)
    {
        var pair = await FillAsync(bench);
        List<double> reference = [];
        for (var round = bench.Scale.JudgesSpeed ? 0 : 1; round <= bench.Scale.Rounds; round++)
        {
            await pair.OwnerAsync("truncate public.plain", bench.Cancel);
            var took = await SecondsAsync(() => pair.OwnerAsync("insert into public.plain select * from timesheet_old_schema.timesheet_old", bench.Cancel));
            if (round > 0)
            {
                reference.Add(took);
            }
        }

        await pair.OwnerAsync("drop table public.plain", bench.Cancel);
        await using var database = DatabaseServices.DataSource(new NpgsqlConnectionStringBuilder(pair.Settings.Portal.New) { Pooling = true }.ConnectionString);
        var service = new BackfillService(database, NullLogger<BackfillService>.Instance);
        var seconds = await RoundAsync(service, pair, database, bench);
        var report = await BooksAsync(service, bench);
        var floor = await SecondsAsync(() => pair.OwnerAsync(Sql.Read("backfill_floor.sql"), bench.Cancel));
        var again = await SecondsAsync(() => service.Complete(Admin, share: null, dryRun: false, _ => { }, bench.Cancel));
        return (await BooksAsync(service, bench)).ChangedLast == 0
            ? Figures(bench, new Measured(report.RowsRead, report.RowsWritten, report.Open, seconds, reference, floor, again))
            : throw new InvalidOperationException("A second round found something to take over.");
    }

    /// <summary>A pair of databases of its own: the old one is full, the new one knows hospitals and workers only.</summary>
    private static async Task<Variant> FillAsync(Bench bench)
    {
        var pair = await bench.Servers.EmptyAsync("backfill", bench.Cancel);
        await pair.OldAsync(Sql.Read("backfill_old.sql").Replace("{rows}", bench.Scale.BackfillRows.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), bench.Cancel);
        await pair.OldAsync("vacuum analyze", bench.Cancel);
        await pair.OwnerAsync(Sql.Read("backfill_new.sql"), bench.Cancel);
        await pair.NewAsync("vacuum analyze", bench.Cancel);
        return pair;
    }

    /// <summary>Lets the portal's worker take over everything at full speed.</summary>
    /// <returns>Seconds from its start until the round was complete.</returns>
    private static async Task<double> RoundAsync(BackfillService service, Variant pair, NpgsqlDataSource database, Bench bench)
    {
        await service.Run(Admin, run: true, share: 1, bench.Cancel);
        using var worker = new BackfillWorker(database, TimeProvider.System, NullLogger<BackfillWorker>.Instance);
        await using var watch = await pair.ClientAsync(bench.Cancel);
        await using var look = new NpgsqlCommand("select round > 1, error from replication.backfill", watch);
        var started = Stopwatch.GetTimestamp();
        await worker.StartAsync(bench.Cancel);
        while (true)
        {
            await using (var row = await look.ExecuteReaderAsync(bench.Cancel))
            {
                await row.ReadAsync(bench.Cancel);
                if (!row.IsDBNull(1))
                {
                    throw new InvalidOperationException($"A step of the backfill failed: {row.GetString(1)}");
                }

                if (row.GetBoolean(0))
                {
                    break;
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), bench.Cancel);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await worker.StopAsync(bench.Cancel);
        return seconds;
    }

    /// <summary>What the portal says, once it has been seen that every row read is somewhere.</summary>
    private static async Task<BackfillReport> BooksAsync(BackfillService service, Bench bench)
    {
        var answer = await service.Read(Admin, bench.Cancel);
        return answer.Value is { AddsUp: true } report && report.RowsRead == bench.Scale.BackfillRows && report.NewRows + report.Open + report.Skipped == report.RowsRead
            ? report
            : throw new InvalidOperationException($"The backfill's books do not balance: {answer.Value?.ToString() ?? answer.Trouble?.Summary}");
    }

    private static Figure[] Figures(Bench bench, Measured measured)
    {
        var reference = Statistics.Median(measured.Reference);
        var (ofReference, ofFloor) = (measured.Seconds / reference, measured.Seconds / measured.Floor);
        return
        [
            new($"Backfill of {Number(measured.Read)} rows of 14 columns: beside one INSERT ... SELECT of them through the wrapper, into a plain table ({Text.Seconds(reference)})", "", "",
                $"{Text.Seconds(measured.Seconds)}, {Number(measured.Read / measured.Seconds)} rows/s ({Text.Times(ofReference)}); {Number(measured.Written)} taken over, {Number(measured.Quarantined)} in quarantine",
                $"at most {Text.Times(MostOfReference)} the INSERT", bench.Judge(ofReference <= MostOfReference), measured),
            new($"The same: beside INSERT ... SELECT of what it wrote, inside the new database, into tables with the same constraints and indexes and no triggers ({Text.Seconds(measured.Floor)})", "", "",
                $"{Text.Seconds(measured.Seconds)} ({Text.Times(ofFloor)})", "", Verdict.NotJudged, new { ofFloor }),
            new("Another round, which finds nothing to do", "", "",
                $"{Text.Seconds(measured.Again)}, {Number(measured.Read / measured.Again)} rows/s", "", Verdict.NotJudged, new { again = measured.Again }),
        ];
    }

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static async Task<double> SecondsAsync(Func<Task> act)
    {
        var started = Stopwatch.GetTimestamp();
        await act();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <param name="Reference">Seconds of the INSERT ... SELECT through the wrapper, each round.</param>
    /// <param name="Floor">Seconds in which the new tables take the same rows with nothing else to do.</param>
    /// <param name="Again">Seconds of a round that finds nothing to do.</param>
    private sealed record Measured(long Read, long Written, long Quarantined, double Seconds, IReadOnlyList<double> Reference, double Floor, double Again);
}
