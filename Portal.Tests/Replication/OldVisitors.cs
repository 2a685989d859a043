using Npgsql;

namespace Portal.Tests.Replication;

/// <summary>Programs that still use the old database directly.</summary>
internal static class OldVisitors
{
    /// <summary>A session of a program that may read and write the old table and knows nothing of the replication.</summary>
    public static async Task<NpgsqlConnection> LegacyAsync(this ReplicationScene scene, string application)
    {
        await scene.OldAsync("""
            do $$ begin create role legacy login password 'legacy'; exception when duplicate_object or unique_violation then null; end $$;
            grant select, insert, update, delete, truncate on timesheet_old to legacy;
            """);
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(scene.Databases.Settings.Old)
        {
            Username = "legacy",
            Password = "legacy",
            ApplicationName = application,
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    public static async Task DoAsync(this NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>How many rows the old database has.</summary>
    public static Task<long> DeliveredAsync(this ReplicationScene scene) => scene.OldAsync<long>("select count(*) from timesheet_old");
}
