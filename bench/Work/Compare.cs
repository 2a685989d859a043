using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Portal.Data.Replication.Comparing;

namespace Portal.Bench.Work;

/// <summary>Comparing all rows of both databases, beside the join of both and beside what each side needs to hash its own rows.</summary>
internal static class Compare
{
    private const double MostOfJoin = 0.25;
    private const double MostOfScan = 1.5;
    private const double MostForOne = 1.1;
    private const double MostMegabytes = 50;

    private static readonly Kind Plain = new("plain_old", "9 plain columns", "is_approved = not is_approved");
    private static readonly Kind Portals = new("timesheet_old", "the portal's own 14", "is_paid = not is_paid");

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench)
    {
        var engine = bench.Servers.Engine;
        await engine.OwnerAsync("alter table timesheet_new drop constraint timesheet_new_no_overlap", bench.Cancel);
        try
        {
            await FillAsync(bench, bench.Scale.CompareRows);
            var plain = await MeasureAsync(bench, Plain, bench.Scale.CompareRows);
            List<Figure> figures = [.. Figures(bench, plain, MostOfJoin), .. Figures(bench, await MeasureAsync(bench, Portals, bench.Scale.CompareRows), mostOfJoin: null)];
            if (bench.Scale.LargeRows > 0)
            {
                await FillAsync(bench, bench.Scale.LargeRows);
                figures.Add(Large(bench, plain, await MeasureAsync(bench, Plain, bench.Scale.LargeRows)));
            }

            return figures;
        }
        finally
        {
            await engine.CleanAsync(bench.Cancel);
            await engine.OwnerAsync("""
                alter table timesheet_new add constraint timesheet_new_no_overlap
                    exclude using gist (worker_id with =, tstzrange(claimed_start, claimed_end) with &&) where (claimed_start is not null);
                delete from replication.mapping where name = 'plain_old';
                """, bench.Cancel);
        }
    }

    private static async Task FillAsync(Bench bench, int rows)
    {
        var engine = bench.Servers.Engine;
        await engine.CleanAsync(bench.Cancel);
        await engine.OldAsync(Sql.Read("compare_old.sql"), bench.Cancel);
        await engine.NewAsync(Sql.Read("compare_new.sql").Replace("{rows}", rows.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), bench.Cancel);
        await CopyAsync(engine, "select * from mapping.plain_old", "plain_old", bench.Cancel);
        await CopyAsync(engine, "select * from mapping.timesheet_old where id >= 1000000", "timesheet_old", bench.Cancel);
        await engine.NewAsync("vacuum analyze", bench.Cancel);
        await engine.OldAsync("vacuum analyze", bench.Cancel);
    }

    private static async Task<Measured> MeasureAsync(Bench bench, Kind kind, int rows)
    {
        var engine = bench.Servers.Engine;
        await using var newDatabase = NpgsqlDataSource.Create(Pooled(engine.Settings.Portal.New));
        await using var oldDatabase = NpgsqlDataSource.Create(Pooled(engine.Settings.Portal.Old));
        List<Round> rounds = [];
        for (var round = bench.Scale.JudgesSpeed ? 0 : 1; round <= bench.Scale.Rounds; round++)
        {
            var one = new Round(
                await SecondsAsync(() => engine.AskAsync<long>(kind.Join, bench.Cancel)),
                await SecondsAsync(() => engine.AskAsync<decimal>(kind.NewScan, bench.Cancel)),
                await SecondsAsync(() => engine.AskOldAsync<decimal>(kind.OldScan, bench.Cancel)),
                await CompareAsync(differences: 0),
                await DifferAsync(1_000_000 + Random.Shared.Next(rows)));
            if (round > 0)
            {
                rounds.Add(one);
            }
        }

        return new Measured(kind.Columns, rows, rounds);

        async Task<Run> DifferAsync(long key)
        {
            await engine.OldAsync($"update {kind.Mapping} set {kind.Change} where id = {key}", bench.Cancel);
            var run = await CompareAsync(differences: 1);
            await engine.OldAsync($"update {kind.Mapping} set {kind.Change} where id = {key}", bench.Cancel);
            return run;
        }

        async Task<Run> CompareAsync(long differences)
        {
            GC.Collect();
            var (before, most, found) = (Environment.WorkingSet, 0L, 0L);
            var started = Stopwatch.GetTimestamp();
            var table = await ComparedTable.Read(kind.Mapping, newDatabase, oldDatabase, bench.Cancel);
            var comparison = new ChunkComparison(table, new SecondLook(table, newDatabase, oldDatabase, TimeProvider.System), ComparisonLoad.Full, TimeProvider.System);
            await foreach (var _ in comparison.Run(null, rows => Task.FromResult(found += rows.Count), bench.Cancel))
            {
                most = Math.Max(most, Environment.WorkingSet - before);
            }

            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            return found == differences
                ? new Run(seconds, most / 1_048_576.0)
                : throw new InvalidOperationException($"A comparison found {found} differences where {differences} were.");
        }
    }

    /// <param name="mostOfJoin">Null where reckoning the mapping's rows alone takes longer than a quarter of the join.</param>
    private static IEnumerable<Figure> Figures(Bench bench, Measured measured, double? mostOfJoin)
    {
        var rows = $"{measured.Rows.ToString("N0", CultureInfo.InvariantCulture)} equal rows of {measured.Columns}";
        var (ofJoin, ofScan, forOne) = (measured.Median(r => r.Equal.Seconds / r.Join), measured.Median(r => r.Equal.Seconds / r.Scan), measured.Median(r => r.Differing.Seconds / r.Equal.Seconds));
        var took = Text.Seconds(measured.Median(r => r.Equal.Seconds));
        yield return new Figure($"Comparing {rows}: beside a FULL JOIN ({Text.Seconds(measured.Median(r => r.Join))})", "", "",
            $"{took} ({Text.Times(ofJoin)})", mostOfJoin is { } most ? $"at most {Text.Times(most)} the join" : "", mostOfJoin is null ? Verdict.NotJudged : bench.Judge(ofJoin <= mostOfJoin), measured);
        yield return new Figure(
            $"The same: beside each side's own hash scan ({Text.Seconds(measured.Median(r => r.NewScan))} new, {Text.Seconds(measured.Median(r => r.OldScan))} old)", "", "",
            $"{took} ({Text.Times(ofScan)} the slower)", $"at most {Text.Times(MostOfScan)} the slower", bench.Judge(ofScan <= MostOfScan), new { ofScan });
        yield return new Figure($"The same with 1 differing row", "", "",
            $"{Text.Seconds(measured.Median(r => r.Differing.Seconds))} ({Text.Times(forOne)} without)", $"at most {Text.Times(MostForOne)} without", bench.Judge(forOne <= MostForOne), new { forOne });
        var memory = measured.Rounds.Max(r => Math.Max(r.Equal.Megabytes, r.Differing.Megabytes));
        yield return new Figure("Memory of the process that compares", "", "",
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

    private static async Task<double> SecondsAsync(Func<Task> act)
    {
        var started = Stopwatch.GetTimestamp();
        await act();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task CopyAsync(Variant engine, string rows, string table, CancellationToken cancel)
    {
        await using var from = new NpgsqlConnection(engine.Settings.New);
        await using var to = new NpgsqlConnection(engine.Settings.Old);
        await from.OpenAsync(cancel);
        await to.OpenAsync(cancel);
        using var read = await from.BeginTextExportAsync($"copy ({rows}) to stdout", cancel);
        await using var write = await to.BeginTextImportAsync($"copy {table} from stdin", cancel);
        var buffer = new char[65_536];
        while (await read.ReadAsync(buffer, cancel) is > 0 and var count)
        {
            await write.WriteAsync(buffer.AsMemory(0, count), cancel);
        }
    }

    private static string Pooled(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Pooling = true }.ConnectionString;

    private sealed record Run(double Seconds, double Megabytes);

    /// <param name="Join">Seconds of the join through the foreign table.</param>
    /// <param name="NewScan">Seconds in which the new side hashes all rows of the mapping.</param>
    /// <param name="OldScan">Seconds in which the old side hashes its rows.</param>
    private sealed record Round(double Join, double NewScan, double OldScan, Run Equal, Run Differing)
    {
        public double Scan => Math.Max(NewScan, OldScan);
    }

    /// <param name="Change">A change of a row that, made twice, changes nothing.</param>
    private sealed record Kind(string Mapping, string Columns, string Change)
    {
        public string Join => $"select count(*) from mapping.{Mapping} n full join timesheet_old_schema.{Mapping} o on o.id = n.id where n is distinct from o";

        public string NewScan => Scan($"mapping.{Mapping}");

        public string OldScan => Scan($"public.{Mapping}");

        // The sum of sums, so that none is left out as not asked for.
        private static string Scan(string relation) =>
            $"select sum(c.hash) from (select t.id / 10000, count(*), sum(hash_record_extended(t, 0)::numeric) as hash from {relation} t group by 1) c";
    }

    private sealed record Measured(string Columns, int Rows, IReadOnlyList<Round> Rounds)
    {
        public double Median(Func<Round, double> value) => Statistics.Median(Rounds.Select(value));
    }
}
