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
               (select case when r.is_called then r.last_value else 0 end from portal_replication.refused_writes r),
               portal_replication.writing_now()
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
                r.GetInt64(7), r.GetInt64(8), writers), patience.Token)).Single();
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

    /// <summary>What a look for those who still use it finds.</summary>
    internal async Task<OldSample> SampleAsync(CancellationToken cancel)
    {
        await using var connection = await oldDatabase.OpenConnectionAsync(cancel);
        return (await connection.Rows(
            """
            select coalesce((select json_agg(s) from portal_replication.sessions() s), '[]')::text,
                   coalesce((select json_agg(s) from portal_replication.scans() s), '[]')::text,
                   coalesce((select json_agg(w) from portal_replication.latest_other_writes() w), '[]')::text,
                   (select case when r.is_called then r.last_value else 0 end from portal_replication.refused_writes r)
            """, r => new OldSample(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3)), cancel)).Single();
    }

    internal static string Mode(bool refuse) => refuse ? "refuse" : "record";
}

/// <summary>One look at the old database, as the JSON that the functions of the new one take.</summary>
/// <param name="Sessions">Who is connected.</param>
/// <param name="Counters">How often its tables had been read.</param>
/// <param name="Writes">The latest write of somebody else to each table.</param>
/// <param name="Refused">How many writes the guard had refused.</param>
internal sealed record OldSample(string Sessions, string Counters, string Writes, long Refused);
