using System.CommandLine;
using System.Runtime.InteropServices;
using Portal.Bench.Work;
using Portal.Data.Databases;
using Portal.Data.Databases.Embedded;

namespace Portal.Bench;

/// <summary>The command line of the benchmark.</summary>
internal static class BenchCommand
{
    private const int Done = 0;
    private const int Missed = 1;
    private const int CouldNot = 2;

    private static readonly Dictionary<string, Func<Bench, Task<IReadOnlyList<Figure>>>> Works = new()
    {
        ["bulk"] = Bulk.MeasureAsync,
        ["single"] = SingleRow.MeasureAsync,
        ["hot"] = HotRows.MeasureAsync,
        ["outage"] = Outage.MeasureAsync,
        ["drain"] = Drain.MeasureAsync,
        ["big"] = BigTransaction.MeasureAsync,
        ["trips"] = RoundTrips.MeasureAsync,
        ["compare"] = Compare.MeasureAsync,
        ["backfill"] = Backfill.MeasureAsync,
    };

    public static Task<int> RunAsync(string[] args)
    {
        var quick = new Option<bool>("--quick") { Description = "Seconds instead of minutes: shows that everything works; speed is not judged." };
        var only = new Option<string[]>("--only") { Description = "What to measure, instead of everything.", AllowMultipleArgumentsPerToken = true };
        only.AcceptOnlyFromAmong([.. Works.Keys]);
        var binaries = new Option<string?>("--postgres") { Description = "Folder of PostgreSQL's programs; looked for if not given.", HelpName = "folder" };
        var large = new Option<bool>("--large") { Description = "Compares 10,000,000 rows as well, which takes a quarter of an hour more and some gigabytes." };
        var json = new Option<FileInfo?>("--json") { Description = "Where the JSON goes; artifacts/bench/ if not given.", HelpName = "file" };
        var root = new RootCommand(
            """
            Measures what the replication costs, beside no replication and beside a plain trigger that writes row by row.
            Starts two servers of its own and removes them. Exit codes: 0 all targets met, 1 one was missed, 2 could not be measured.
            """)
        {
            quick, only, large, binaries, json,
        };
        root.SetAction(async (parsed, cancel) =>
        {
            var search = PostgresSearch.OnThisMachine(parsed.GetValue(binaries));
            var scale = parsed.GetValue(quick) ? Scale.Quick : Scale.Full;
            try
            {
                var report = await MeasureAsync(
                    search, new Dictionary<string, string>(), parsed.GetValue(large) ? scale with { LargeRows = 10 * scale.CompareRows } : scale, parsed.GetValue(only) ?? [], clients: null, Console.Error.WriteLine, cancel);
                var file = parsed.GetValue(json) ?? new FileInfo(Path.Combine("artifacts", "bench", $"{report.At:yyyyMMdd-HHmmss}.json"));
                file.Directory?.Create();
                await File.WriteAllTextAsync(file.FullName, report.ToJson(), cancel);
                Console.WriteLine(report.ToMarkdown());
                Console.Error.WriteLine($"{report.Machine}; PostgreSQL {report.Postgres}; clients: {report.Clients}. All numbers: {file.FullName}");
                return report.AllMet ? Done : Missed;
            }
            catch (SetupException exception)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return CouldNot;
            }
        });
        // Servers take longer to stop than the library's two seconds.
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
    }

    /// <param name="search">Which PostgreSQL.</param>
    /// <param name="settings">Server settings other than the default ones; for tests of the benchmark itself.</param>
    /// <param name="only">Names of what to measure; none: everything.</param>
    /// <param name="clients">Who works; null: pgbench, if there is one.</param>
    public static async Task<Report> MeasureAsync(
        PostgresSearch search, IReadOnlyDictionary<string, string> settings, Scale scale, IReadOnlyCollection<string> only,
        Clients? clients, Action<string> say, CancellationToken cancel)
    {
        await using var servers = await Servers.StartAsync(search, settings, say, cancel);
        var bench = new Bench(servers, clients ?? Clients.For(servers.Binaries.Directory), scale, cancel);
        var figures = new List<Figure>();
        foreach (var (name, measure) in Works.Where(w => only.Count == 0 || only.Contains(w.Key)))
        {
            say($"Measuring: {name} ...");
            foreach (var figure in await measure(bench))
            {
                say($"  {figure.Work}: {figure.Engine}");
                figures.Add(figure);
            }
        }

        var machine = $"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors";
        return new Report(DateTimeOffset.UtcNow, servers.Binaries.Version, machine, bench.Clients.Kind, scale, figures);
    }
}
