using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Planning;

/// <summary>The guard of the old database, over the portal's own connection there.</summary>
public sealed class OldGuard([FromKeyedServices(DatabaseNames.Old)] NpgsqlDataSource oldDatabase)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2.25);

    private const string State = """
        select clock_timestamp(), g.mode = 'refuse', g.changed_at, g.changed_by,
               (select max(t.since) from portal_replication.guarded_table t),
               array(select t.table_name from portal_replication.guarded_table t order by 1),
               array(select s.trigger_name || ' on ' || s.table_name from portal_replication.silent_guards() s order by 1),
               (select case when r.is_called then r.last_value else 0 end from portal_replication.refused_writes r)
          from portal_replication.guard g
        """;

    private const string Writers = """
        select application, role, address, table_name, operation, statements, rows, first_at, last_at
          from portal_replication.other_writer
         order by last_at desc
        """;

    /// <summary>Reads what it has seen.</summary>
    /// <exception cref="NpgsqlException">The old database does not answer, or not in time.</exception>
    public async Task<GuardState> ReadAsync(CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            await using var connection = await oldDatabase.OpenConnectionAsync(patience.Token);
            var writers = await connection.Rows(Writers, r => new OtherWriter(
                r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetInt64(5), r.GetInt64(6),
                r.GetFieldValue<Instant>(7), r.GetFieldValue<Instant>(8)), patience.Token);
            return (await connection.Rows(State, r => new GuardState(
                r.GetFieldValue<Instant>(0), r.GetBoolean(1), r.GetFieldValue<Instant>(2), r.TextOrNull(3),
                r.IsDBNull(4) ? null : r.GetFieldValue<Instant>(4), r.GetFieldValue<string[]>(5), r.GetFieldValue<string[]>(6),
                r.GetInt64(7), writers), patience.Token)).Single();
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new NpgsqlException("no answer in time", new TimeoutException());
        }
    }

    /// <summary>Says what becomes of writes that are not the replication's.</summary>
    /// <returns>How it was.</returns>
    public async Task<string> SetAsync(bool refuse, string account, CancellationToken cancel)
    {
        await using var command = oldDatabase.CreateCommand("select portal_replication.set_guard($1, $2)");
        command.Parameters.Add(new() { Value = Mode(refuse) });
        command.Parameters.Add(new() { Value = account });
        return await command.ExecuteScalarAsync(cancel) as string ?? "";
    }

    /// <summary>Who is connected there and how often its tables were read, as the JSON that replication.note_sample() takes.</summary>
    internal async Task<(string Sessions, string Counters, long Refused)> SampleAsync(CancellationToken cancel)
    {
        await using var connection = await oldDatabase.OpenConnectionAsync(cancel);
        return (await connection.Rows(
            """
            select coalesce((select json_agg(s) from portal_replication.sessions() s), '[]')::text,
                   coalesce((select json_agg(s) from portal_replication.scans() s), '[]')::text,
                   (select case when r.is_called then r.last_value else 0 end from portal_replication.refused_writes r)
            """, r => (r.GetString(0), r.GetString(1), r.GetInt64(2)), cancel)).Single();
    }

    internal static string Mode(bool refuse) => refuse ? "refuse" : "record";
}
