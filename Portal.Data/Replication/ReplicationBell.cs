using Npgsql;

namespace Portal.Data.Replication;

/// <summary>Rings when a transaction has left keys in the outbox that can be written at once.</summary>
internal sealed class ReplicationBell(NpgsqlDataSource newDatabase) : IAsyncDisposable
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
                await using var listen = new NpgsqlCommand("listen replication_outbox", connection);
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
