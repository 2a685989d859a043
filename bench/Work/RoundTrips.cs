using Npgsql;

namespace Portal.Bench.Work;

/// <summary>What a transaction of one row asks of the old database.</summary>
internal static class RoundTrips
{
    private const string Insert = "insert into timesheet_new (worker_id, status, timesheet_options_id) values (33, 'approved', 14)";
    private const string Update = "update timesheet_new set status = case status when 'draft' then 'submitted' else 'draft' end where id = 33";

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench)
    {
        var (article, engine) = (await MeasureAsync(bench, bench.Servers.Article), await MeasureAsync(bench, bench.Servers.Engine));
        return
        [
            new Figure("Remote statements of a transaction of one row", "0", Said(article), Said(engine), "1 statement",
                bench.Judge(Statements(engine.Insert) == 1 && Statements(engine.Update) == 1, isSpeed: false), new { article, engine }),
        ];
    }

    private static string Said(Asked asked) =>
        $"INSERT {Statements(asked.Insert)} ({asked.Insert.Count} round trips in all), UPDATE {Statements(asked.Update)} ({asked.Update.Count})";

    private static int Statements(IEnumerable<Question> questions) => questions.Count(q => q.IsStatement);

    private static async Task<Asked> MeasureAsync(Bench bench, Variant variant)
    {
        var server = variant.Settings.ForeignServer;
        using var proxy = new ListeningProxy(server.Port);
        await PointAsync(proxy.Port);
        try
        {
            await using var session = await variant.ClientAsync(bench.Cancel);
            var asked = new Asked(await ListenAsync(session, Insert), await ListenAsync(session, Update));
            await variant.CleanAsync(bench.Cancel);
            return asked;
        }
        finally
        {
            await PointAsync(server.Port);
        }

        Task PointAsync(int port) => variant.OwnerAsync($"alter server timesheet_old_server options (set port '{port}')", bench.Cancel);

        async Task<IReadOnlyList<Question>> ListenAsync(NpgsqlConnection session, string sql)
        {
            await using var command = new NpgsqlCommand(sql, session);
            // The first one connects, and later ones may find plans made.
            for (var n = 0; n < 10; n++)
            {
                proxy.Heard();
                await command.ExecuteNonQueryAsync(bench.Cancel);
            }

            return proxy.Heard();
        }
    }

    private sealed record Asked(IReadOnlyList<Question> Insert, IReadOnlyList<Question> Update);
}
