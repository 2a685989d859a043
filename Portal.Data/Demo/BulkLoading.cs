using Npgsql;

namespace Portal.Data.Demo;

/// <summary>Numbers and rows by the thousand.</summary>
internal static class BulkLoading
{
    /// <summary>Takes so many numbers from the sequence of a table's id.</summary>
    public static async Task<long[]> ReserveAsync(
        this NpgsqlConnection connection, string table, int count, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select array(select nextval(pg_get_serial_sequence($1, 'id')) from generate_series(1, $2))", connection)
        {
            Parameters = { new() { Value = table }, new() { Value = count } },
        };
        return (long[])(await command.ExecuteScalarAsync(cancellation) ?? Array.Empty<long>());
    }

    public static async Task CopyAsync(
        this NpgsqlConnection connection, string target, IEnumerable<object?[]> rows, CancellationToken cancellation)
    {
        await using var import = await connection.BeginBinaryImportAsync($"copy {target} from stdin (format binary)", cancellation);
        foreach (var row in rows)
        {
            await import.StartRowAsync(cancellation);
            foreach (var value in row)
            {
                await (value is null ? import.WriteNullAsync(cancellation) : import.WriteAsync(value, cancellation));
            }
        }

        await import.CompleteAsync(cancellation);
    }
}
