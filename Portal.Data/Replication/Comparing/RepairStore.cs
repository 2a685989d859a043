using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Comparing;

/// <summary>The tables that keep repairs.</summary>
public sealed class RepairStore([FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase)
{
    private const string All = """
        select r.id, r.mapping, r.comparison, r.account, r.why, r.overwrite, r.state, r.started_at, r.finished_at, r.problem, w.rows, w.outcomes, w.counts
          from replication.repair r
         cross join lateral (
               select coalesce(sum(o.count), 0)::bigint, coalesce(array_agg(o.outcome) filter (where o.outcome is not null), '{}'),
                      coalesce(array_agg(o.count) filter (where o.outcome is not null), '{}')
                 from (select x.outcome, count(*) as count from replication.repair_row x where x.repair = r.id group by 1) o
               ) w (rows, outcomes, counts)
        """;

    /// <summary>Notes what is to be repaired.</summary>
    public async Task<long> Start(string mapping, RepairScope scope, string account, string why, bool overwrite, CancellationToken cancel) =>
        await newDatabase.Scalar<long>("select replication.start_repair($1, $2, $3::bigint[], $4, $5, $6, $7, $8)", cancel,
            mapping, scope.Comparison, scope.Keys?.ToArray(), account, why, overwrite,
            scope.Kind is { } kind ? DifferenceWords.Word(kind) : null, scope.Cause is { } cause ? DifferenceWords.Word(cause) : null) ?? 0;

    public async Task<Repair?> Read(long id, CancellationToken cancel) =>
        (await newDatabase.Rows($"{All} where r.id = $1", ReadRepair, cancel, id)).FirstOrDefault();

    /// <summary>The newest first.</summary>
    public Task<List<Repair>> List(int most, CancellationToken cancel) =>
        newDatabase.Rows($"{All} order by r.id desc limit $1", ReadRepair, cancel, most);

    /// <summary>Ends one that is still running.</summary>
    /// <param name="problem">Why it failed.</param>
    public Task End(long id, RepairState state, string account, CancellationToken cancel, string? problem = null) =>
#pragma warning disable CA1308 // The database's own words are lower case.
        newDatabase.Run("select replication.end_repair($1, $2, $3, $4::text)", cancel, id, state.ToString().ToLowerInvariant(), account, problem);
#pragma warning restore CA1308

    internal Task<List<long>> Running(CancellationToken cancel) =>
        newDatabase.Rows("select id from replication.repair where state = 'running' order by id", r => r.GetInt64(0), cancel);

    /// <summary>What is noted while it cannot go on; null when it can again.</summary>
    internal Task Note(long id, string? problem, CancellationToken cancel) =>
        newDatabase.Run("update replication.repair set problem = $2::text where id = $1 and state = 'running' and problem is distinct from $2", cancel, id, problem);

    /// <summary>Whether the old database is the one that is right, so that nothing may be written there.</summary>
    internal async Task<bool> OldIsRight(CancellationToken cancel) =>
        await newDatabase.Scalar<bool>("select authority = 'old' from replication.control", cancel) is true;

    /// <summary>The next rows to do.</summary>
    internal Task<List<long>> Next(long id, int most, CancellationToken cancel) => newDatabase.Rows("""
        select w.key from replication.repair_row w join replication.repair r on r.id = w.repair
         where w.repair = $1 and w.outcome is null and r.state = 'running' order by w.key limit $2
        """, r => r.GetInt64(0), cancel, id, most);

    internal Task Queue(long id, long[] keys, CancellationToken cancel) => newDatabase.Run("select replication.queue_repair($1, $2)", cancel, id, keys);

    internal Task Done(long id, IReadOnlyDictionary<long, RepairOutcome> outcomes, IReadOnlyDictionary<long, string> cells, CancellationToken cancel) =>
        newDatabase.Run("""
            update replication.repair_row w set outcome = d.outcome, cells = d.cells, done_at = clock_timestamp()
              from unnest($2, $3, $4::jsonb[]) d (key, outcome, cells)
             where w.repair = $1 and w.key = d.key
            """, cancel, id,
            outcomes.Keys.ToArray(),
#pragma warning disable CA1308 // The database's own words are lower case.
            outcomes.Values.Select(o => o.ToString().ToLowerInvariant()).ToArray(),
#pragma warning restore CA1308
            outcomes.Keys.Select(k => cells.GetValueOrDefault(k)).ToArray());

    /// <summary>How many rows a repair of this would have, and the first of them after a key.</summary>
    internal async Task<(long Total, long[] Next)> Scope(RepairScope scope, long? after, int most, CancellationToken cancel)
    {
        if (scope is { Keys: { } keys, Comparison: null })
        {
            return (keys.Distinct().Count(), [.. keys.Distinct().Where(k => after is null || k > after).Order().Take(most)]);
        }

        var found = await newDatabase.Rows("""
            select count(*), coalesce((array_agg(key order by key) filter (where $6::bigint is null or key > $6))[:$4], '{}')
              from replication.comparison_difference
             where comparison = $1 and ($2::text is null or kind = $2) and ($3::text is null or cause = $3)
               and case when $5::bigint[] is null then cause <> 'left_out' else key = any ($5) end
            """, r => (r.GetInt64(0), r.GetFieldValue<long[]>(1)), cancel, scope.Comparison,
            scope.Kind is { } kind ? DifferenceWords.Word(kind) : null, scope.Cause is { } cause ? DifferenceWords.Word(cause) : null, most, scope.Keys?.ToArray(), after);
        return found[0];
    }

    private static Repair ReadRepair(NpgsqlDataReader r) => new(
        r.GetInt64(0), r.GetString(1), r.IsDBNull(2) ? null : r.GetInt64(2), r.GetString(3), r.GetString(4), r.GetBoolean(5),
        Enum.Parse<RepairState>(r.GetString(6), ignoreCase: true),
        r.GetFieldValue<Instant>(7), r.IsDBNull(8) ? null : r.GetFieldValue<Instant>(8), r.TextOrNull(9), r.GetInt64(10),
        r.GetFieldValue<string[]>(11).Zip(r.GetFieldValue<long[]>(12)).ToDictionary(o => Enum.Parse<RepairOutcome>(o.First, ignoreCase: true), o => o.Second));
}
