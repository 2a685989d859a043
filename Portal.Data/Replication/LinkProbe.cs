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
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(patience);
        try
        {
            await using var connection = NewConnection();
            await connection.OpenAsync(deadline.Token);
            await using var command = new NpgsqlCommand(Life, connection);
            var before = life;
            life = (string?)await command.ExecuteScalarAsync(deadline.Token);
            return (null, before is not null && before != life);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
        {
            return (failure.Message, false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return ($"no answer within {patience.TotalSeconds:0.#} s", false);
        }
    }

    private NpgsqlConnection NewConnection()
    {
        using var pooled = oldDatabase.CreateConnection();
        return pooled.CloneWith(new NpgsqlConnectionStringBuilder(pooled.ConnectionString) { Pooling = false }.ConnectionString);
    }
}
