using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;
using NpgsqlTypes;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Alarms;

/// <summary>The alarms, as the new database keeps them.</summary>
public sealed class AlarmBook([FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase, ILogger<AlarmBook> log)
{
    public const int PageSize = 25;

    // Open ones come first: those are what one looks for. The ids of both parts fall, so a page goes on after an id.
    private const string Alarms = """
        select a.id, a.cause, a.subject, a.text, a.opened_at, a.last_seen_at, a.resolved_at
          from replication.alarm a
         where (not @only_open or a.resolved_at is null) and (@before is null or a.id < @before)
         order by a.id desc
         limit @most
        """;

    private const string Deliveries = """
        select alarm_id, event, channel, attempts, delivered_at, error
          from replication.alarm_delivery where alarm_id = any ($1) order by event, channel
        """;

    /// <summary>A page of alarms, newest first.</summary>
    public Task<Answer<AlarmPage>> List(Caller? caller, bool onlyOpen = false, long? before = null, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await using var connection = await newDatabase.OpenConnectionAsync(cancel);
            await using var command = new NpgsqlCommand(Alarms, connection);
            command.Parameters.AddWithValue("only_open", onlyOpen);
            command.Parameters.Add(new NpgsqlParameter("before", NpgsqlDbType.Bigint) { Value = (object?)before ?? DBNull.Value });
            command.Parameters.AddWithValue("most", PageSize + 1);
            var alarms = await command.Rows(r => new Alarm(
                r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetFieldValue<Instant>(4), r.GetFieldValue<Instant>(5),
                r.IsDBNull(6) ? null : r.GetFieldValue<Instant>(6), []), cancel);

            await using var told = new NpgsqlCommand(Deliveries, connection);
            told.Parameters.Add(new NpgsqlParameter { Value = alarms.Select(a => a.Id).ToArray() });
            var deliveries = (await told.Rows(r => (Alarm: r.GetInt64(0), Delivery: new AlarmDelivery(
                r.GetString(1), r.GetString(2), r.GetInt32(3), r.IsDBNull(4) ? null : r.GetFieldValue<Instant>(4), r.TextOrNull(5))), cancel)).ToLookup(d => d.Alarm, d => d.Delivery);

            await using var count = new NpgsqlCommand("select count(*)::integer from replication.alarm where resolved_at is null", connection);
            return new AlarmPage(
                [.. alarms.Take(PageSize).Select(a => a with { Told = [.. deliveries[a.Id]] })],
                await count.ExecuteScalarAsync(cancel) is int open ? open : 0,
                alarms.Count > PageSize);
        });

    /// <summary>Opens and resolves what is due, to be told by these channels.</summary>
    internal async Task EvaluateAsync(AlarmOptions options, IEnumerable<string> channels, CancellationToken cancel)
    {
        await using var command = newDatabase.CreateCommand("select replication.evaluate_alarms($1, $2, $3)");
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.OutboxOlderThan, NpgsqlDbType = NpgsqlDbType.Interval });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Quiet, NpgsqlDbType = NpgsqlDbType.Interval });
        command.Parameters.Add(new NpgsqlParameter { Value = channels.ToArray() });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>What is to be told by a channel now, in order.</summary>
    internal async Task<IReadOnlyList<AlarmEvent>> DueAsync(string channel, CancellationToken cancel)
    {
        await using var command = newDatabase.CreateCommand(
            "select alarm_id, event, cause, subject, text, opened_at, resolved_at from replication.due_deliveries($1, $2)");
        command.Parameters.Add(new NpgsqlParameter { Value = channel });
        command.Parameters.Add(new NpgsqlParameter { Value = PageSize });
        return await command.Rows(r => new AlarmEvent(
            r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetFieldValue<Instant>(5),
            r.IsDBNull(6) ? null : r.GetFieldValue<Instant>(6)), cancel);
    }

    /// <summary>Notes that an event was told, or why it was not.</summary>
    internal async Task NoteAsync(AlarmEvent what, string channel, string? problem, CancellationToken cancel)
    {
        await using var command = newDatabase.CreateCommand("select replication.note_delivery($1, $2, $3, $4)");
        command.Parameters.Add(new NpgsqlParameter { Value = what.AlarmId });
        command.Parameters.Add(new NpgsqlParameter { Value = what.Event });
        command.Parameters.Add(new NpgsqlParameter { Value = channel });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)problem ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
