using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Portal.Bench;

/// <summary>What some clients did in some time.</summary>
/// <param name="Failed">Transactions that the server ended with a serialization failure, a deadlock, or any other error.</param>
internal sealed record Throughput(double PerSecond, long Committed, long Failed)
{
    public double FailedShare => Committed + Failed == 0 ? 0 : (double)Failed / (Committed + Failed);
}

/// <summary>Clients that repeat scripts in the manner of pgbench, by pgbench itself where the server's programs have it.</summary>
/// <param name="pgbench">The program; null: clients of one's own, which take more of the processor.</param>
internal sealed partial class Clients(string? pgbench)
{
    public bool ArePgbench => pgbench is not null;

    public string Kind => pgbench is null ? "Npgsql (no pgbench beside the server's programs)" : "pgbench";

    /// <summary>pgbench if it is beside the server's programs, which is so for installed ones and not for the npm package.</summary>
    public static Clients For(string binaryDirectory)
    {
        var program = Path.Combine(binaryDirectory, OperatingSystem.IsWindows() ? "pgbench.exe" : "pgbench");
        return new Clients(File.Exists(program) ? program : null);
    }

    /// <param name="scripts">Each transaction runs one of them, chosen by chance.</param>
    public Task<Throughput> RunAsync(Variant variant, int clients, double seconds, CancellationToken cancel, params IReadOnlyList<string> scripts) =>
        pgbench is null
            ? OwnAsync(variant, clients, TimeSpan.FromSeconds(seconds), scripts, cancel)
            : PgbenchAsync(variant, clients, seconds, scripts, cancel);

    // Where many update rows that others' foreign keys point to, PostgreSQL 15 now and then stumbles over its own bookkeeping.
    private const string ServersOwnFault = "new multixact has more than one updating member";

    private async Task<Throughput> PgbenchAsync(
        Variant variant, int clients, double seconds, IReadOnlyList<string> scripts, CancellationToken cancel, int attempt = 1)
    {
        var to = new NpgsqlConnectionStringBuilder(variant.Settings.Portal.New);
        var start = new ProcessStartInfo(pgbench ?? "pgbench",
        [
            "-h", to.Host ?? "", "-p", Text(to.Port), "-U", to.Username ?? "", "-n",
            "-c", Text(clients), "-j", Text(Math.Min(2, clients)), "-T", Text((int)Math.Ceiling(seconds)),
            .. scripts.SelectMany(s => (string[])["-f", Sql.Path(s)]), to.Database ?? "",
        ]);
        start.Environment["PGPASSWORD"] = to.Password;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("pgbench did not start.");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        var said = await output;
        // 2: some clients were aborted, by an error that pgbench does not count as a failed transaction.
        if (process.ExitCode == 2 && attempt < 3 && (await errors).Contains(ServersOwnFault, StringComparison.Ordinal))
        {
            return await PgbenchAsync(variant, clients, seconds, scripts, cancel, attempt + 1);
        }

        return process.ExitCode == 0
            ? new Throughput(Number(Tps().Match(said)), (long)Number(Processed().Match(said)), (long)Number(Failures().Match(said)))
            : throw new InvalidOperationException($"pgbench on {variant.Name} ended with {process.ExitCode}:\n{said}\n{await errors}");
    }

    private static async Task<Throughput> OwnAsync(
        Variant variant, int clients, TimeSpan time, IReadOnlyList<string> scripts, CancellationToken cancel)
    {
        var parsed = scripts.Select(s => Script.Parse(Sql.Read(s))).ToList();
        var sessions = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => variant.ClientAsync(cancel)));
        var started = Stopwatch.StartNew();
        var counts = await Task.WhenAll(sessions.Select(s => Task.Run(() => ClientAsync(s), cancel)));
        var committed = counts.Sum(c => c.Committed);
        return new Throughput(committed / started.Elapsed.TotalSeconds, committed, counts.Sum(c => c.Failed));

        async Task<(long Committed, long Failed)> ClientAsync(NpgsqlConnection session)
        {
            await using var own = session;
            var (committed, failed) = (0L, 0L);
            while (started.Elapsed < time)
            {
                try
                {
                    await using var command = new NpgsqlCommand(parsed[Random.Shared.Next(parsed.Count)].Draw(), session);
                    await command.ExecuteNonQueryAsync(cancel);
                    committed++;
                }
                catch (PostgresException)
                {
                    failed++;
                }
            }

            return (committed, failed);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static double Number(Match match) =>
        match.Success ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : throw new InvalidOperationException("pgbench said something unknown.");

    [GeneratedRegex(@"^tps = ([\d.]+)", RegexOptions.Multiline)]
    private static partial Regex Tps();

    [GeneratedRegex(@"^number of transactions actually processed: (\d+)", RegexOptions.Multiline)]
    private static partial Regex Processed();

    [GeneratedRegex(@"^number of failed transactions: (\d+)", RegexOptions.Multiline)]
    private static partial Regex Failures();

    /// <summary>As much of pgbench's language as the scripts use: <c>\set name random(from, to)</c>, then <c>:name</c>.</summary>
    private sealed partial record Script(string Text, IReadOnlyList<(string Name, int From, int To)> Variables)
    {
        public static Script Parse(string text) => new(
            Set().Replace(text, "").Trim(),
            [.. Set().Matches(text).Select(m => (m.Groups[1].Value, int.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture), int.Parse(m.Groups[3].Value, CultureInfo.InvariantCulture)))]);

        public string Draw() => Variables.Aggregate(Text, (sql, v) =>
            sql.Replace($":{v.Name}", Clients.Text(Random.Shared.Next(v.From, v.To + 1)), StringComparison.Ordinal));

        [GeneratedRegex(@"^\\set (\w+) random\((\d+), (\d+)\)\r?$", RegexOptions.Multiline)]
        private static partial Regex Set();
    }
}
