using Npgsql;

namespace Portal.Data.Replication;

/// <summary>
/// Asks the old database directly, because a question through the foreign server could not be taken back, and on a new
/// connection, because a server may answer those it has and let in no other.
/// </summary>
internal sealed class LinkProbe(NpgsqlDataSource oldDatabase, TimeSpan patience)
{
    // What it counts begins anew when the server starts, and when it goes on after a crash.
    private const string Life = "select concat(pg_postmaster_start_time(), (select stats_reset from pg_stat_bgwriter))";

    private string? life;

    /// <returns>What is wrong, null when the server answers; and whether it has crashed or was started since the last answer.</returns>
    public async Task<(string? Trouble, bool HasCrashed)> LookAsync(CancellationToken cancel)
    {
        try
        {
            // Not waited for to its end: the driver's own way to give up asks the server once more.
            var now = await AskAsync().WaitAsync(patience, cancel);
            var hasCrashed = life is not null && life != now;
            life = now;
            return (null, hasCrashed);
        }
        catch (TimeoutException)
        {
            return ($"no answer within {patience.TotalSeconds:0.#} s", false);
        }
        catch (NpgsqlException failure)
        {
            return (failure.Message, false);
        }
    }

    private async Task<string?> AskAsync()
    {
        await using var pooled = oldDatabase.CreateConnection();
        var seconds = (int)Math.Ceiling(patience.TotalSeconds);
        var settings = new NpgsqlConnectionStringBuilder(pooled.ConnectionString)
        {
            Pooling = false,
            Timeout = seconds,
            CommandTimeout = seconds,
            CancellationTimeout = -1,
        };
        await using var connection = pooled.CloneWith(settings.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(Life, connection);
        return (string?)await command.ExecuteScalarAsync();
    }
}
