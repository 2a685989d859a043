using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Data.Replication;

/// <summary>How the replication writes.</summary>
public enum ReplicationMode
{
    /// <summary>At commit; what cannot be written then is queued.</summary>
    Synchronous,

    /// <summary>Always through the outbox.</summary>
    Queued,

    /// <summary>Through the outbox, which is not emptied.</summary>
    Paused,
}

/// <summary>What waits to be written and how the link is, at one moment.</summary>
/// <param name="Mode">How the replication writes.</param>
/// <param name="BreakerOpen">The old database is known to be out of reach; nobody but the worker tries it.</param>
/// <param name="BreakerSince">Since when the breaker is as it is.</param>
/// <param name="OutboxKeys">Keys that wait. A key of a shared row stands for all rows that show it.</param>
/// <param name="OldestAge">How long the oldest of them has waited; null when none does.</param>
/// <param name="SetAside">Rows that the old table refuses.</param>
/// <param name="ErrorCode">SQLSTATE of the last failure to write; null when there was none.</param>
/// <param name="ErrorMessage">Its message, in the server's words.</param>
/// <param name="ErrorAt">When it was.</param>
/// <param name="VerifiedAt">When old was last compared with new in full, by the continuous check.</param>
/// <param name="VerifiedDifferences">How many rows that check found; queued, but for those that others have written.</param>
/// <param name="CheckedFrom">When the last round of that check began, or the one under way.</param>
/// <param name="RepairedAt">When the last repair was finished.</param>
/// <param name="RetiredAt">When the old database was retired: from then on nothing is written to it, nor looked at there.</param>
/// <param name="VisibleAfter">How long a change took to be visible in the old database, measured in the last minute; null when it was not.</param>
/// <param name="OldIsRight">The old database is still the one that is right: rows are taken over from there, and nothing is written to it.</param>
public sealed record OutboxState(
    ReplicationMode Mode,
    bool BreakerOpen,
    Instant BreakerSince,
    long OutboxKeys,
    Duration? OldestAge,
    long SetAside,
    string? ErrorCode,
    string? ErrorMessage,
    Instant? ErrorAt,
    Instant? VerifiedAt,
    long? VerifiedDifferences,
    Instant? CheckedFrom,
    Instant? RepairedAt,
    Instant? RetiredAt = null,
    TimeSpan? VisibleAfter = null,
    bool OldIsRight = false)
{
    public bool Retired => RetiredAt is not null;

    /// <summary>Whether the continuous check has found nothing yet that counts, or what it found a repair may have mended.</summary>
    public bool IsCheckOutdated => VerifiedAt is null || (VerifiedDifferences > 0 && RepairedAt > CheckedFrom);
}

/// <summary>The outbox and its switches: the functions of schema <c>replication</c>, one method each.</summary>
public sealed class ReplicationOutbox([FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase)
{
    /// <summary>Reads the state.</summary>
    public async Task<OutboxState> ReadAsync(CancellationToken cancel)
    {
        await using var command = newDatabase.CreateCommand(
            """
            select c.mode, c.breaker = 'open', c.breaker_since,
                   coalesce((select sum(cardinality(keys)) from replication.outbox), 0)::bigint,
                   extract(epoch from clock_timestamp() - (select min(queued_at) from replication.outbox))::float8,
                   (select count(*) from replication.set_aside),
                   c.error_code, c.error_message, c.error_at, v.finished_at, v.found_last, v.started_at,
                   (select max(r.finished_at) from replication.repair r where r.state = 'finished'), c.retired_at,
                   (select s.visible_ms from replication.sample s where s.span_seconds = 15 and s.at > clock_timestamp() - interval '1 minute' order by s.at desc limit 1),
                   c.authority = 'old'
              from replication.control c
              left join (select min(finished_at) as finished_at, min(started_at) as started_at, sum(found_last)::bigint as found_last from replication.verification) v on true
            """);
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return new OutboxState(
            Enum.Parse<ReplicationMode>(row.GetString(0), ignoreCase: true),
            row.GetBoolean(1),
            row.GetFieldValue<Instant>(2),
            row.GetInt64(3),
            row.IsDBNull(4) ? null : Duration.FromSeconds(row.GetDouble(4)),
            row.GetInt64(5),
            row.IsDBNull(6) ? null : row.GetString(6),
            row.IsDBNull(7) ? null : row.GetString(7),
            row.IsDBNull(8) ? null : row.GetFieldValue<Instant>(8),
            row.IsDBNull(9) ? null : row.GetFieldValue<Instant>(9),
            row.IsDBNull(10) ? null : row.GetInt64(10),
            row.IsDBNull(11) ? null : row.GetFieldValue<Instant>(11),
            row.IsDBNull(12) ? null : row.GetFieldValue<Instant>(12),
            row.IsDBNull(13) ? null : row.GetFieldValue<Instant>(13),
            row.IsDBNull(14) ? null : TimeSpan.FromMilliseconds(row.GetDouble(14)),
            row.GetBoolean(15));
    }

    /// <summary>Lists refused rows, those that are tried again soonest first.</summary>
    public async Task<IReadOnlyList<SetAsideRow>> SetAsideAsync(int most, CancellationToken cancel)
    {
        await using var command = Command(
            "select mapping, key, code, message, attempts, next_attempt_at from replication.set_aside order by next_attempt_at, mapping, key limit $1", [most]);
        return await command.Rows(r => new SetAsideRow(
            r.GetString(0), r.GetInt64(1), r.GetString(2), r.GetString(3), r.GetInt32(4), r.GetFieldValue<Instant>(5)), cancel);
    }

    /// <summary>Writes the next keys of the outbox.</summary>
    /// <returns>How many; 0 when none wait that nobody else is writing, or when paused.</returns>
    /// <exception cref="PostgresException">The old database could not be written.</exception>
    public async Task<int> DrainAsync(int maxKeys, CancellationToken cancel) =>
        await ScalarAsync<int>("select replication.drain($1)", cancel, maxKeys) ?? 0;

    /// <summary>Numbers of the oldest and the newest entry; both null when there is none.</summary>
    public async Task<(long? Oldest, long? Newest)> EntriesAsync(CancellationToken cancel)
    {
        await using var command = newDatabase.CreateCommand("select min(id), max(id) from replication.outbox");
        return (await command.Rows(r => (r.IsDBNull(0) ? null : (long?)r.GetInt64(0), r.IsDBNull(1) ? null : (long?)r.GetInt64(1)), cancel))[0];
    }

    /// <summary>Queues refused rows whose time has come.</summary>
    public Task RetrySetAsideAsync(CancellationToken cancel) => ExecuteAsync("select replication.retry_set_aside()", cancel);

    /// <summary>Opens the breaker.</summary>
    public Task NotWrittenAsync(string code, string message, CancellationToken cancel) =>
        ExecuteAsync("select replication.not_written($1, $2)", cancel, code, message);

    /// <summary>Closes the breaker.</summary>
    public Task LinkRestoredAsync(CancellationToken cancel) => ExecuteAsync("select replication.link_restored()", cancel);

    /// <summary>Lets go of those who have waited for the old database for more than two seconds.</summary>
    public Task ReleaseWaitingAsync(CancellationToken cancel) => ExecuteAsync("select replication.release_waiting()", cancel);

    /// <summary>Changes the mode at once and notes who did it.</summary>
    /// <param name="seen">The mode that was seen before; null: whichever.</param>
    /// <returns>Whether it was that mode still.</returns>
    public async Task<bool> SetModeAsync(ReplicationMode mode, string account, ReplicationMode? seen, CancellationToken cancel) =>
        await newDatabase.Scalar<bool>("select replication.set_mode($1, $2, $3::text)", cancel, Word(mode), account, seen is { } before ? Word(before) : null) is true;

#pragma warning disable CA1308 // The database's own words are lower case.
    private static string Word(ReplicationMode mode) => mode.ToString().ToLowerInvariant();
#pragma warning restore CA1308

    /// <summary>Compares the next slice of every mapping and queues what differs, but for what others have written.</summary>
    /// <returns>Whether all mappings have come to their end; null when somebody else is comparing.</returns>
    public Task<bool?> VerifyAsync(int maxRows, CancellationToken cancel) =>
        ScalarAsync<bool>("select bool_and(v.finished) from replication.mapping m, replication.verify(m.name, $1) v", cancel, maxRows);

    private async Task<T?> ScalarAsync<T>(string sql, CancellationToken cancel, params object[] parameters)
        where T : struct
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteScalarAsync(cancel) is T value ? value : null;
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancel, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private NpgsqlCommand Command(string sql, object[] parameters)
    {
        var command = newDatabase.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return command;
    }
}
