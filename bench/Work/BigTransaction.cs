using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Portal.Bench.Work;

/// <summary>A transaction of very many rows: what it takes of memory and of the lock table.</summary>
internal static class BigTransaction
{
    // The engine's 512 stripes, and what any transaction locks.
    private const long MostLocks = 1000;

    private const string Locks = "select count(*), (select setting::bigint from pg_settings where name = 'max_locks_per_transaction') from pg_locks where pid = $1";

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench)
    {
        var none = await MeasureAsync(bench, bench.Servers.NoReplication);
        var engine = await MeasureAsync(bench, bench.Servers.Engine);
        var waits = await bench.Servers.Engine.AskAsync<long>("select coalesce(sum(cardinality(keys)), 0)::bigint from replication.outbox", bench.Cancel);
        await bench.Servers.Engine.DrainAsync(bench.Cancel);
        var different = await bench.Servers.Engine.DifferencesAsync(bench.Cancel);
        foreach (var variant in bench.Servers.All)
        {
            await variant.CleanAsync(bench.Cancel);
        }

        var finished = engine.Failure is null && different == 0;
        return
        [
            new Figure($"{bench.Scale.BigRows.ToString("N0", CultureInfo.InvariantCulture)} rows in one transaction",
                Said(none), "", Said(engine) + (waits == 0 ? ", written at commit" : $", {waits:N0} keys left to the worker"),
                $"finishes, 0 different, at most {MostLocks:N0} locks",
                bench.Judge(finished && engine.Locks <= MostLocks, isSpeed: false),
                new { none, engine, leftToTheWorker = waits, different }),
        ];
    }

    private static async Task<Peak> MeasureAsync(Bench bench, Variant variant)
    {
        await using var session = await variant.ClientAsync(bench.Cancel);
        await using var watch = await variant.ClientAsync(bench.Cancel);
        await using var insert = new NpgsqlCommand(Bulk.Insert(bench.Scale.BigRows), session);
        var started = Stopwatch.StartNew();
        var running = insert.ExecuteNonQueryAsync(bench.Cancel);
        var (memory, locks) = (0L, 0L);
        do
        {
            memory = Math.Max(memory, OwnMemory(session.ProcessID));
            await using var count = new NpgsqlCommand(Locks, watch) { Parameters = { new() { Value = session.ProcessID } } };
            locks = Math.Max(locks, await count.ExecuteScalarAsync(bench.Cancel) is long now ? now : 0);
        }
        while (await Task.WhenAny(running, Task.Delay(TimeSpan.FromMilliseconds(100), bench.Cancel)) != running);

        try
        {
            await running;
            return new Peak(started.Elapsed.TotalSeconds, memory, locks, null);
        }
        catch (PostgresException failure)
        {
            return new Peak(started.Elapsed.TotalSeconds, memory, locks, failure.MessageText);
        }
    }

    /// <summary>Kilobytes that a server process has for itself; what all of them share does not count. 0: not told here.</summary>
    private static long OwnMemory(int process)
    {
        var file = $"/proc/{process}/status";
        return File.Exists(file) && File.ReadLines(file).FirstOrDefault(l => l.StartsWith("RssAnon:", StringComparison.Ordinal)) is { } line
            ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            : 0;
    }

    private static string Said(Peak peak) =>
        (peak.Failure is { } failure ? $"failed: {failure}" : $"{peak.Seconds:N1} s")
        + $", {(peak.MemoryKilobytes == 0 ? "memory unknown" : $"{peak.MemoryKilobytes / 1024:N0} MB")}, {peak.Locks:N0} locks";

    /// <param name="MemoryKilobytes">The most that its server process had for itself.</param>
    /// <param name="Locks">The most entries of the lock table.</param>
    private sealed record Peak(double Seconds, long MemoryKilobytes, long Locks, string? Failure);
}
