using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication;

/// <summary>What has happened since the statistics of the two databases began.</summary>
/// <param name="Changed">Rows inserted, changed and deleted in the tables that the mappings read.</param>
/// <param name="Written">Rows of old tables inserted, changed and deleted, by the replication or behind its back; null: it could not be asked.</param>
public sealed record ReplicationCounts(long Changed, long? Written);

/// <summary>The same a second, over some time up to now.</summary>
/// <param name="Over">The time they were counted over.</param>
public sealed record Rates(Duration Over, double Changed, double? Written);

/// <summary>
/// How much the replication is doing. PostgreSQL counts it anyway (<see href="https://www.postgresql.org/docs/current/monitoring-stats.html"/>),
/// so that no user's transaction has to keep a count. A session reports what it did about once a second.
/// </summary>
public sealed class ReplicationRates(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    [FromKeyedServices(DatabaseNames.Old)] NpgsqlDataSource oldDatabase,
    TimeProvider time,
    ILogger<ReplicationRates> log)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Counts twice, with a second between.</summary>
    public Task<Answer<Rates>> Read(Caller? caller, CancellationToken cancel = default) => AdminOnly.Answer(caller, log, async () =>
    {
        var start = time.GetTimestamp();
        var before = await CountAsync(askOld: true, cancel);
        await Task.Delay(Window, time, cancel);
        var after = await CountAsync(askOld: before.Written is not null, cancel);
        var over = Duration.FromTimeSpan(time.GetElapsedTime(start));
        return new Rates(over, PerSecond(after.Changed - before.Changed), after.Written - before.Written is { } written ? PerSecond(written) : null);

        // Below zero: the statistics were reset meanwhile.
        double PerSecond(long count) => Math.Max(0, count / over.TotalSeconds);
    });

    /// <param name="askOld">Whether the old database is to be asked; not if it is known to be out of reach.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<ReplicationCounts> CountAsync(bool askOld, CancellationToken cancel)
    {
        await using var count = newDatabase.CreateCommand(
            """
            select coalesce((select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables
                              where relid in (select to_regclass(c.table_name) from replication.capture c)), 0)::bigint,
                   array(select distinct old_table from replication.mapping)
            """);
        await using var row = await count.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return new ReplicationCounts(row.GetInt64(0), askOld ? await WrittenAsync(row.GetFieldValue<string[]>(1), cancel) : null);
    }

    private async Task<long?> WrittenAsync(string[] tables, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        await using var count = oldDatabase.CreateCommand(
            """
            select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint
              from pg_stat_user_tables
             where format('%I.%I', schemaname, relname) = any ($1)
            """);
        count.Parameters.Add(new NpgsqlParameter { Value = tables });
        try
        {
            return await count.ExecuteScalarAsync(patience.Token) as long?;
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure) || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }
}
