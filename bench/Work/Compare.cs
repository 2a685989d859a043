using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;
using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;

namespace Portal.Bench.Work;

/// <summary>Comparing all rows of both databases, beside the join of both and beside what each side needs to hash its own rows.</summary>
internal static class Compare
{
    private const double MostOfJoin = 0.25;
    private const double MostOfScan = 1.5;
    private const double MostForOne = 1.1;
    private const double MostMegabytes = 50;

    private const string Join = """
        select count(*) from mapping.timesheet_old n full join timesheet_old_schema.timesheet_old o on o.id = n.id where n is distinct from o
        """;

    private static readonly string NewScan = Scan("mapping.timesheet_old");
    private static readonly string OldScan = Scan("timesheet_old");

    private static readonly Caller Admin = new("", "bench", AccountRole.Admin, null, new HashSet<long>());

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench)
    {
        var engine = bench.Servers.Engine;
        await engine.OwnerAsync("alter table timesheet_new drop constraint timesheet_new_no_overlap", bench.Cancel);
        try
        {
            var measured = await OfRowsAsync(bench, bench.Scale.CompareRows);
            return [.. Figures(bench, measured), .. bench.Scale.LargeRows > 0 ? [Large(bench, measured, await OfRowsAsync(bench, bench.Scale.LargeRows))] : Array.Empty<Figure>()];
        }
        finally
        {
            await engine.CleanAsync(bench.Cancel);
            await engine.OwnerAsync("""
                alter table timesheet_new add constraint timesheet_new_no_overlap
                    exclude using gist (worker_id with =, tstzrange(claimed_start, claimed_end) with &&) where (claimed_start is not null)
                """, bench.Cancel);
        }
    }

    private static async Task<Measured> OfRowsAsync(Bench bench, int rows)
    {
        var engine = bench.Servers.Engine;
        await engine.CleanAsync(bench.Cancel);
        await engine.NewAsync(Sql.Read("compare.sql").Replace("{rows}", rows.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), bench.Cancel);
        await CopyAsync(engine, bench.Cancel);
        await engine.NewAsync("vacuum analyze", bench.Cancel);
        await engine.OldAsync("vacuum analyze", bench.Cancel);

        await using var services = Services(engine);
        var comparison = services.GetRequiredService<ComparisonRuns>();
        List<Round> rounds = [];
        for (var round = bench.Scale.JudgesSpeed ? 0 : 1; round <= bench.Scale.Rounds; round++)
        {
            var one = new Round(
                await SecondsAsync(() => engine.AskAsync<long>(Join, bench.Cancel)),
                await SecondsAsync(() => engine.AskAsync<long>(NewScan, bench.Cancel)),
                await SecondsAsync(() => engine.AskOldAsync<long>(OldScan, bench.Cancel)),
                await CompareAsync(comparison, differences: 0, bench.Cancel),
                await DifferAsync(engine, comparison, 1_000_000 + Random.Shared.Next(rows), bench.Cancel));
            if (round > 0)
            {
                rounds.Add(one);
            }
        }

        return new Measured(rows, rounds);
    }

    private static string Scan(string relation) =>
        $"select count(*) from (select t.id / 10000, count(*), sum(hash_record_extended(t, 0)::numeric) from {relation} t group by 1) c";

    private static IEnumerable<Figure> Figures(Bench bench, Measured measured)
    {
        var rows = measured.Rows.ToString("N0", CultureInfo.InvariantCulture);
        var (ofJoin, ofScan, forOne) = (measured.Median(r => r.Equal.Seconds / r.Join), measured.Median(r => r.Equal.Seconds / r.Scan), measured.Median(r => r.Differing.Seconds / r.Equal.Seconds));
        var took = Text.Seconds(measured.Median(r => r.Equal.Seconds));
        yield return new Figure($"Comparing {rows} equal rows: beside a FULL JOIN ({Text.Seconds(measured.Median(r => r.Join))})", "", "",
            $"{took} ({Text.Times(ofJoin)})", $"at most {Text.Times(MostOfJoin)} the join", bench.Judge(ofJoin <= MostOfJoin), measured);
        yield return new Figure(
            $"The same: beside each side's own hash scan ({Text.Seconds(measured.Median(r => r.NewScan))} new, {Text.Seconds(measured.Median(r => r.OldScan))} old)", "", "",
            $"{took} ({Text.Times(ofScan)} the slower)", $"at most {Text.Times(MostOfScan)} the slower", bench.Judge(ofScan <= MostOfScan), new { ofScan });
        yield return new Figure($"1 differing row in {rows}", "", "",
            $"{Text.Seconds(measured.Median(r => r.Differing.Seconds))} ({Text.Times(forOne)} without)", $"at most {Text.Times(MostForOne)} without", bench.Judge(forOne <= MostForOne), new { forOne });
        var memory = measured.Rounds.Max(r => Math.Max(r.Equal.Megabytes, r.Differing.Megabytes));
        yield return new Figure("Memory of the comparing process while it compares", "", "",
            string.Create(CultureInfo.InvariantCulture, $"{memory:N0} MB more"), $"at most {MostMegabytes:N0} MB more", bench.Judge(memory <= MostMegabytes), new { megabytes = memory });
    }

    private static Figure Large(Bench bench, Measured few, Measured many)
    {
        var (seconds, memory) = (many.Median(r => r.Equal.Seconds), many.Rounds.Max(r => r.Equal.Megabytes));
        var growth = seconds / few.Median(r => r.Equal.Seconds) / ((double)many.Rows / few.Rows);
        return new Figure($"Comparing {many.Rows.ToString("N0", CultureInfo.InvariantCulture)} equal rows", "", "",
            string.Create(CultureInfo.InvariantCulture, $"{Text.Seconds(seconds)} ({Text.Times(growth)} of linear), {memory:N0} MB more"),
            $"at most {Text.Times(1.2)} of linear", bench.Judge(growth <= 1.2), many);
    }

    private static async Task<Run> DifferAsync(Variant engine, ComparisonRuns comparison, long key, CancellationToken cancel)
    {
        await engine.OldAsync($"update timesheet_old set amount_due = amount_due + 0.01 where id = {key}", cancel);
        var run = await CompareAsync(comparison, differences: 1, cancel);
        await engine.OldAsync($"update timesheet_old set amount_due = amount_due - 0.01 where id = {key}", cancel);
        return run;
    }

    private static async Task<Run> CompareAsync(ComparisonRuns comparison, long differences, CancellationToken cancel)
    {
        GC.Collect();
        var (before, most) = (Environment.WorkingSet, 0L);
        var started = Stopwatch.GetTimestamp();
        var comparing = comparison.Make(Admin, ComparisonLoad.Full, progress: null, cancel);
        do
        {
            most = Math.Max(most, Environment.WorkingSet - before);
        }
        while (await Task.WhenAny(comparing, Task.Delay(TimeSpan.FromMilliseconds(50), cancel)) != comparing);

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var found = (await comparing).Value?.Differences;
        return found == differences
            ? new Run(seconds, most / 1_048_576.0)
            : throw new InvalidOperationException($"A comparison found {found} differences where {differences} were.");
    }

    private static async Task<double> SecondsAsync(Func<Task> act)
    {
        var started = Stopwatch.GetTimestamp();
        await act();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Fills the old table with what the mapping shows.</summary>
    private static async Task CopyAsync(Variant engine, CancellationToken cancel)
    {
        await using var from = new NpgsqlConnection(engine.Settings.New);
        await using var to = new NpgsqlConnection(engine.Settings.Old);
        await from.OpenAsync(cancel);
        await to.OpenAsync(cancel);
        using var read = await from.BeginTextExportAsync("copy (select * from mapping.timesheet_old where id >= 1000000) to stdout", cancel);
        await using var write = await to.BeginTextImportAsync("copy timesheet_old from stdin", cancel);
        var buffer = new char[65_536];
        while (await read.ReadAsync(buffer, cancel) is > 0 and var count)
        {
            await write.WriteAsync(buffer.AsMemory(0, count), cancel);
        }
    }

    // As a portal has it: its own login, with pooled sessions.
    private static ServiceProvider Services(Variant engine) => new ServiceCollection()
        .AddLogging()
        .AddPortalDatabases(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:New"] = Pooled(engine.Settings.Portal.New),
            ["ConnectionStrings:Old"] = Pooled(engine.Settings.Portal.Old),
        }).Build())
        .AddPortalReplication()
        .BuildServiceProvider();

    private static string Pooled(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Pooling = true }.ConnectionString;

    private sealed record Run(double Seconds, double Megabytes);

    /// <param name="Join">Seconds of the join through the foreign table.</param>
    /// <param name="NewScan">Seconds in which the new side hashes all rows of the mapping.</param>
    /// <param name="OldScan">Seconds in which the old side hashes its rows.</param>
    private sealed record Round(double Join, double NewScan, double OldScan, Run Equal, Run Differing)
    {
        public double Scan => Math.Max(NewScan, OldScan);
    }

    private sealed record Measured(int Rows, IReadOnlyList<Round> Rounds)
    {
        public double Median(Func<Round, double> value) => Statistics.Median(Rounds.Select(value));
    }
}
