using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Portal.Bench.Work;

/// <summary>Many rows in one statement.</summary>
internal static class Bulk
{
    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench)
    {
        var sessions = new Dictionary<Variant, NpgsqlConnection>();
        try
        {
            foreach (var variant in bench.Servers.All)
            {
                sessions[variant] = await variant.ClientAsync(bench.Cancel);
            }

            var rounds = await bench.RoundsAsync(bench.Servers.All, async variant =>
            {
                var insert = await TimeAsync(sessions[variant], Insert(bench.Scale.BulkRows), bench.Cancel);
                var update = await TimeAsync(sessions[variant], "update timesheet_new set status = 'submitted' where id >= 1000000", bench.Cancel);
                await variant.CleanAsync(bench.Cancel);
                return (Insert: insert, Update: update);
            });
            var rows = bench.Scale.BulkRows.ToString("N0", CultureInfo.InvariantCulture);
            return
            [
                Figure(bench, $"INSERT of {rows} rows, one statement", rounds, r => r.Insert, 2.5),
                Figure(bench, $"UPDATE of {rows} rows, one statement", rounds, r => r.Update, 3),
            ];
        }
        finally
        {
            foreach (var session in sessions.Values)
            {
                await session.DisposeAsync();
            }
        }
    }

    /// <summary>Timesheets whose hours are those of their shift.</summary>
    public static string Insert(int rows) => $"""
        insert into timesheet_new (worker_id, status, timesheet_options_id)
        select 1 + n % 1000, 'draft', 101 + n / 1000 from generate_series(0, {rows - 1}) n
        """;

    private static async Task<double> TimeAsync(NpgsqlConnection session, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, session);
        var started = Stopwatch.GetTimestamp();
        await command.ExecuteNonQueryAsync(cancel);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static Figure Figure<T>(Bench bench, string work, Rounds<T> rounds, Func<T, double> milliseconds, double most)
    {
        var (none, article, engine) = (bench.Servers.NoReplication, bench.Servers.Article, bench.Servers.Engine);
        var (articleRatio, engineRatio) = (rounds.Ratio(article, none, milliseconds), rounds.Ratio(engine, none, milliseconds));
        return new Figure(work,
            Text.Milliseconds(rounds.Median(none, milliseconds)),
            $"{Text.Milliseconds(rounds.Median(article, milliseconds))} ({Text.Times(articleRatio)})",
            $"{Text.Milliseconds(rounds.Median(engine, milliseconds))} ({Text.Times(engineRatio)})",
            $"at most {Text.Times(most)} no replication",
            bench.Judge(engineRatio <= most),
            new { articleRatio, engineRatio, milliseconds = rounds.Numbers(milliseconds) });
    }
}
