using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Extensions;
using Npgsql;
using NpgsqlTypes;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication;

/// <summary>How far back to look.</summary>
public enum HistorySpan
{
    /// <summary>An hour, every 15 seconds.</summary>
    Hour,

    /// <summary>A day, every five minutes.</summary>
    Day,
}

/// <summary>How things were at a time; over several looks, at the worst of them, and on average for rates and durations.</summary>
/// <param name="LatencyMs">Time for one read of the old database; null when it did not answer.</param>
/// <param name="VisibleMs">Time from a change's commit until it was visible in the old database; null when not known.</param>
/// <param name="Changes">Rows of the source tables written each second; null when not known.</param>
/// <param name="Deliveries">Rows of the old tables written each second; null when not known.</param>
public sealed record Sample(
    Instant At, long OutboxKeys, double OutboxSeconds, long SetAside, bool BreakerOpen, long Differences, double? LatencyMs, double? VisibleMs, double? Changes, double? Deliveries);

/// <summary>The figures of a span of time, oldest first, evenly spaced; null where nobody looked.</summary>
public sealed record HistoryReport(HistorySpan Span, IReadOnlyList<Sample?> Samples)
{
    public Sample? Newest => Samples.LastOrDefault(s => s is not null);
}

/// <summary>The figures of the replication over time, kept in the new database, so that all admins see the same.</summary>
public sealed class History([FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase, TimeProvider time, ILogger<History> log)
{
    private const string Samples = """
        select at, outbox_keys, outbox_seconds, set_aside, breaker_open, differences, latency_ms, visible_ms, changes, deliveries
          from replication.sample
         where span_seconds = $1 and at > $2
         order by at
        """;

    /// <summary>The figures of the last hour or day.</summary>
    public Task<Answer<HistoryReport>> Read(Caller? caller, HistorySpan span, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            var (step, count) = span == HistorySpan.Hour ? (Duration.FromSeconds(15), 240) : (Duration.FromMinutes(5), 288);
            var now = time.GetUtcNow().ToInstant();
            var last = Instant.FromUnixTimeSeconds(now.ToUnixTimeSeconds() / (long)step.TotalSeconds * (long)step.TotalSeconds);
            var first = last - (step * (count - 1));
            await using var command = newDatabase.CreateCommand(Samples);
            command.Parameters.Add(new NpgsqlParameter { Value = (int)step.TotalSeconds });
            command.Parameters.Add(new NpgsqlParameter { Value = first - step });
            var samples = await command.Rows(r => new Sample(
                r.GetFieldValue<Instant>(0), r.GetInt64(1), r.GetDouble(2), r.GetInt64(3), r.GetBoolean(4), r.GetInt64(5),
                NumberOrNull(r, 6), NumberOrNull(r, 7), NumberOrNull(r, 8), NumberOrNull(r, 9)), cancel);

            var byTime = samples.ToDictionary(s => s.At);
            return new HistoryReport(span, [.. Enumerable.Range(0, count).Select(n => byTime.GetValueOrDefault(first + (step * n)))]);
        });

    /// <summary>Notes how things are, unless somebody has just done so.</summary>
    /// <param name="latency">Time for one read of the old database; null when it does not answer.</param>
    /// <param name="visible">Time until a change is visible there; null when not known.</param>
    /// <param name="written">Rows written there, as that server counts them; null when not known.</param>
    internal async Task TakeAsync(TimeSpan? latency, TimeSpan? visible, long? written, CancellationToken cancel)
    {
        await using var command = newDatabase.CreateCommand("select replication.take_sample($1, $2, $3)");
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)latency?.TotalMilliseconds ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Double });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)visible?.TotalMilliseconds ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Double });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)written ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static double? NumberOrNull(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);
}
