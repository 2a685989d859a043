using Npgsql;
using Portal.Data.Databases;

namespace Portal.Bench;

/// <summary>One way to keep the old database true, with a pair of databases of its own.</summary>
internal sealed class Variant(string name, MigrationSettings settings)
{
    public string Name { get; } = name;

    public MigrationSettings Settings { get; } = settings;

    /// <summary>A session as the portal's own login.</summary>
    public Task<NpgsqlConnection> ClientAsync(CancellationToken cancel) => OpenAsync(Settings.Portal.New, cancel);

    /// <summary>Statements as superuser of the new database.</summary>
    public Task NewAsync(string sql, CancellationToken cancel) => ExecuteAsync(Settings.New, sql, cancel);

    /// <summary>Statements as superuser of the old database.</summary>
    public Task OldAsync(string sql, CancellationToken cancel) => ExecuteAsync(Settings.Old, sql, cancel);

    /// <summary>Statements as the owner of the new database.</summary>
    public Task OwnerAsync(string sql, CancellationToken cancel) => ExecuteAsync(MigrationSettings.AsOwner(Settings.New), sql, cancel);

    /// <summary>One value from the new database.</summary>
    public Task<T> AskAsync<T>(string sql, CancellationToken cancel) => AskAsync<T>(Settings.New, sql, cancel);

    /// <summary>One value from the old database.</summary>
    public Task<T> AskOldAsync<T>(string sql, CancellationToken cancel) => AskAsync<T>(Settings.Old, sql, cancel);

    private static async Task<T> AskAsync<T>(string connectionString, string sql, CancellationToken cancel)
    {
        await using var connection = await OpenAsync(connectionString, cancel);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return (T)(await command.ExecuteScalarAsync(cancel) ?? throw new InvalidOperationException($"No answer to: {sql}"));
    }

    /// <summary>Rows that differ between old and new.</summary>
    public Task<long> DifferencesAsync(CancellationToken cancel) => AskAsync<long>("select count(*) from replication.compare()", cancel);

    /// <summary>Writes what waits, as the portal's worker does.</summary>
    /// <returns>How many rows that were.</returns>
    public async Task<long> DrainAsync(CancellationToken cancel)
    {
        await using var worker = await ClientAsync(cancel);
        await using var drain = new NpgsqlCommand("select replication.drain()", worker) { CommandTimeout = 0 };
        var written = 0L;
        while (await drain.ExecuteScalarAsync(cancel) is int batch and > 0)
        {
            written += batch;
        }

        return written;
    }

    /// <summary>Takes away what a measurement has added, and the dead rows, on both sides.</summary>
    public async Task CleanAsync(CancellationToken cancel)
    {
        await NewAsync(Sql.Read("clean.sql"), cancel);
        await OldAsync("delete from timesheet_old where id >= 1000000", cancel);
        await NewAsync("vacuum analyze timesheet_new", cancel);
        await NewAsync("vacuum analyze replication.outbox", cancel);
        await OldAsync("vacuum analyze timesheet_old", cancel);
    }

    private static async Task ExecuteAsync(string connectionString, string sql, CancellationToken cancel)
    {
        await using var connection = await OpenAsync(connectionString, cancel);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancel)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0 }.ConnectionString);
        await connection.OpenAsync(cancel);
        return connection;
    }
}

/// <summary>The scripts beside the program.</summary>
internal static class Sql
{
    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "bench", name);

    public static string Read(string name) => File.ReadAllText(Path(name));
}
