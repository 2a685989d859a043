using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime.Extensions;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Data.Replication;

/// <summary>
/// Finds out whether the old database answers, on both ways that lead to it. Each way is tried once at a time,
/// whoever asks: a server that hangs would otherwise hold one more connection with every look at a page.
/// </summary>
public sealed partial class OldDatabaseProbe(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    [FromKeyedServices(DatabaseNames.Old)] NpgsqlDataSource oldDatabase,
    TimeProvider time,
    ILogger<OldDatabaseProbe> log)
{
    // Within the 3 s in which a person is to be told, and above the 2 s of the foreign server's connect_timeout.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2.5);

    private readonly ConcurrentDictionary<string, Lazy<Task<Reach>>> running = new();

    /// <summary>Reads one row through a foreign table, in a short transaction of its own.</summary>
    public Task<Reach> Through(ForeignTable table) =>
        OneAtATime($"through {table.Schema}.{table.Name}", () => ReadThrough(table));

    /// <summary>Asks the old database over the portal's own connection.</summary>
    public Task<Reach> Directly() => OneAtATime("directly", ReadDirectly);

    private async Task<Reach> OneAtATime(string way, Func<Task<Reach>> read)
    {
        var attempt = running.GetOrAdd(way, _ => new(() => Task.Run(async () =>
        {
            try
            {
                return await read();
            }
            finally
            {
                running.TryRemove(way, out var _);
            }
        })));
        try
        {
            return await attempt.Value.WaitAsync(Patience, time);
        }
        catch (TimeoutException)
        {
            LogLate(log, way);
            return new Reach(Now, null, null, TroubleReader.Late(null));
        }
    }

    private async Task<Reach> ReadThrough(ForeignTable table)
    {
        try
        {
            await using var connection = await newDatabase.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            // A foreign table's name cannot be a parameter.
            var name = $"{Quote(table.Schema)}.{Quote(table.Name)}";
            await using var command = new NpgsqlCommand($"""
                set local statement_timeout = '2s';
                set local lock_timeout = '1s';
                select 1 from {name} limit 1;
                """, connection, transaction);
            // Connects if it must. What is timed is a read after that, which is what the replication waits for.
            await command.ExecuteNonQueryAsync();

            command.CommandText = $"select 1 from {name} limit 1";
            var start = time.GetTimestamp();
            await command.ExecuteScalarAsync();
            return new Reach(Now, time.GetElapsedTime(start), null, null);
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
        {
            return Failed(failure, TroubleReader.OfNew(failure));
        }
    }

    private async Task<Reach> ReadDirectly()
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            await using var connection = await oldDatabase.OpenConnectionAsync(patience.Token);
            await using var command = new NpgsqlCommand("select 1", connection);
            await command.ExecuteScalarAsync(patience.Token);
            var start = time.GetTimestamp();
            await command.ExecuteScalarAsync(patience.Token);
            return new Reach(Now, time.GetElapsedTime(start), connection.PostgreSqlVersion.ToString(), null);
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure) || failure is OperationCanceledException)
        {
            return Failed(failure, TroubleReader.OfOld(failure));
        }
    }

    internal NodaTime.Instant Now => time.GetUtcNow().ToInstant();

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private Reach Failed(Exception failure, Trouble trouble)
    {
        LogFailed(log, failure, trouble.Summary);
        return new Reach(Now, null, null, trouble);
    }

    [LoggerMessage(LogLevel.Warning, "Probe of the old database failed: {Summary}")]
    private static partial void LogFailed(ILogger log, Exception failure, string summary);

    [LoggerMessage(LogLevel.Warning, "Probe of the old database, {Way}, has no answer yet")]
    private static partial void LogLate(ILogger log, string way);
}
