using Npgsql;

namespace Portal.Data.Replication;

/// <summary>Rings when the new database notifies a channel; unless told otherwise, when a transaction has left keys in the
/// outbox that can be written at once.</summary>
internal sealed class ReplicationBell(NpgsqlDataSource newDatabase, string channel = "replication_outbox") : IAsyncDisposable
{
    private NpgsqlConnection? connection;

    /// <summary>Waits until it rings, at most so long.</summary>
    /// <exception cref="NpgsqlException">The new database is out of reach.</exception>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        try
        {
            if (connection is null)
            {
                connection = await newDatabase.OpenConnectionAsync(cancel);
                await using var listen = new NpgsqlCommand($"listen {channel}", connection);
                await listen.ExecuteNonQueryAsync(cancel);
            }

            await connection.WaitAsync(atMost, cancel);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
        {
            await connection.DisposeAsync();
            connection = null;
        }
    }
}
