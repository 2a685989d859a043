using Npgsql;

namespace Portal.Data.Databases;

/// <summary>Whether the old database has been retired: then it need not be there any more, and is not asked for.</summary>
internal static class Retirement
{
    public static async Task<bool> IsRetiredAsync(string newDatabase, CancellationToken cancellation)
    {
        try
        {
            await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(newDatabase) { Pooling = false });
            await using var command = database.CreateCommand("select exists (select from replication.control where retired_at is not null)");
            return await command.ExecuteScalarAsync(cancellation) is true;
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            // Not there yet, or an earlier version, or out of reach, which whoever needs it will say better.
            return false;
        }
    }
}
