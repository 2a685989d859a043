using Npgsql;

namespace Portal.Data.Replication;

/// <summary>Reads rows of a catalogue query into records.</summary>
internal static class NpgsqlReading
{
    public static async Task<List<T>> Rows<T>(
        this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.Rows(row, cancel);
    }

    public static async Task<List<T>> Rows<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> row, CancellationToken cancel)
    {
        List<T> rows = [];
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    /// <summary>The rows of one statement with parameters in their order; null is null.</summary>
    public static async Task<List<T>> Rows<T>(
        this NpgsqlDataSource database, string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancel, params object?[] parameters)
    {
        await using var command = Command(database, sql, parameters);
        return await command.Rows(row, cancel);
    }

    /// <summary>The one value of a statement; null where there is none.</summary>
    public static async Task<T?> Scalar<T>(this NpgsqlDataSource database, string sql, CancellationToken cancel, params object?[] parameters)
        where T : struct
    {
        await using var command = Command(database, sql, parameters);
        return await command.ExecuteScalarAsync(cancel) is T value ? value : null;
    }

    /// <summary>Runs one statement.</summary>
    public static async Task Run(this NpgsqlDataSource database, string sql, CancellationToken cancel, params object?[] parameters)
    {
        await using var command = Command(database, sql, parameters);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Fails, for <see cref="TroubleReader"/> to tell, once the old database is retired: what is asked next reads it.</summary>
    public static Task NeedOldDatabase(this NpgsqlDataSource newDatabase, CancellationToken cancel) =>
        newDatabase.Run("select replication.needs_old_database()", cancel);

    private static NpgsqlCommand Command(NpgsqlDataSource database, string sql, object?[] parameters)
    {
        var command = database.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter ?? DBNull.Value });
        }

        return command;
    }

    public static string? TextOrNull(this NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);
}
