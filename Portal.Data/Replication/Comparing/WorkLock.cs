using Npgsql;

namespace Portal.Data.Replication.Comparing;

/// <summary>Says that this portal works on something. It goes with the session, so that another takes over when a portal is killed.</summary>
internal sealed class WorkLock : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;
    private readonly string kind;
    private readonly long id;

    private WorkLock(NpgsqlConnection connection, string kind, long id) => (this.connection, this.kind, this.id) = (connection, kind, id);

    /// <returns>The lock; null when somebody else has it.</returns>
    public static async Task<WorkLock?> TryTake(NpgsqlDataSource database, string kind, long id, CancellationToken cancel)
    {
        var connection = await database.OpenConnectionAsync(cancel);
        try
        {
            if (await Ask(connection, "select pg_try_advisory_lock(hashtext($1), $2)", kind, id, cancel))
            {
                var taken = new WorkLock(connection, kind, id);
                connection = null;
                return taken;
            }

            return null;
        }
        finally
        {
            await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    /// <summary>Lets go; a pooled session outlives this.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Ask(connection, "select pg_advisory_unlock(hashtext($1), $2)", kind, id, CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The session is over, and the lock with it.
        }

        await connection.DisposeAsync();
    }

    private static async Task<bool> Ask(NpgsqlConnection connection, string sql, string kind, long id, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = kind });
        command.Parameters.Add(new() { Value = (int)id });
        return await command.ExecuteScalarAsync(cancel) is true;
    }
}
