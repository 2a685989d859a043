using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using NpgsqlTypes;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Comparing;

/// <summary>The tables that keep comparisons.</summary>
public sealed class ComparisonStore([FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase)
{
    private const string All = """
        select id, mapping, account, origin, state, started_at, finished_at, max_share, timeout_ms, expected, next_key,
               compared, worked_ms, chunks, opened, missing, extra, different, left_out, passing, problem
          from replication.comparison
        """;

    /// <summary>Begins one; if one is under way that is not a command's, returns that.</summary>
    public async Task<long> Start(string mapping, string account, ComparisonOrigin origin, ComparisonLoad load, CancellationToken cancel) =>
        await newDatabase.Scalar<long>("select comparison_id from replication.start_comparison($1, $2, $3, $4, $5)", cancel,
            mapping, account, Word(origin), (float)load.MaxShare, (int)load.Timeout.TotalMilliseconds) ?? 0;

    /// <summary>Pauses, resumes or stops one.</summary>
    /// <returns>Whether that was to be done.</returns>
    public async Task<bool> Switch(long id, ComparisonState to, string account, CancellationToken cancel) =>
        await newDatabase.Scalar<bool>("select replication.switch_comparison($1, $2, $3)", cancel, id, Word(to), account) ?? false;

    public async Task<ComparisonRun?> Read(long id, CancellationToken cancel) =>
        (await newDatabase.Rows($"{All} where id = $1", ReadRun, cancel, id)).FirstOrDefault();

    /// <summary>The newest first.</summary>
    public Task<List<ComparisonRun>> List(int most, CancellationToken cancel) => newDatabase.Rows($"{All} order by id desc limit $1", ReadRun, cancel, most);

    /// <summary>Those that are not over, the newest first.</summary>
    internal Task<List<ComparisonRun>> UnderWay(CancellationToken cancel) =>
        newDatabase.Rows($"{All} where state in ('running', 'paused') order by id desc", ReadRun, cancel);

    /// <summary>The newest that has gone through all rows of a mapping; null if none has.</summary>
    internal async Task<ComparisonRun?> NewestFinished(string mapping, CancellationToken cancel) =>
        (await newDatabase.Rows($"{All} where mapping = $1 and state = 'finished' order by id desc limit 1", ReadRun, cancel, mapping)).FirstOrDefault();

    /// <summary>Those that are to be worked on.</summary>
    internal Task<List<long>> Running(CancellationToken cancel) =>
        newDatabase.Rows("select id from replication.comparison where state = 'running' order by id", r => r.GetInt64(0), cancel);

    internal Task Expect(long id, long rows, CancellationToken cancel) =>
        newDatabase.Run("update replication.comparison set expected = $2 where id = $1", cancel, id, rows);

    /// <summary>What is noted while it cannot go on; null when it can again.</summary>
    internal Task Note(long id, string? problem, CancellationToken cancel) =>
        newDatabase.Run("update replication.comparison set problem = $2::text where id = $1 and problem is distinct from $2", cancel, id, problem);

    /// <summary>Keeps a step.</summary>
    /// <returns>Whether it is to go on.</returns>
    internal async Task<bool> Save(long id, ComparedStep step, CancellationToken cancel) => await newDatabase.Scalar<bool>("""
        update replication.comparison c
           set next_key = $2::bigint, compared = compared + $3, chunks = chunks + $4, opened = opened + $5, passing = passing + $6, worked_ms = worked_ms + $7,
               missing = d.missing, extra = d.extra, different = d.different, left_out = d.left_out, problem = null,
               state = case when $2::bigint is null and state = 'running' then 'finished' else state end,
               finished_at = case when $2::bigint is null and state = 'running' then clock_timestamp() else finished_at end
          from (select count(*) filter (where kind = 'missing' and cause <> 'left_out'), count(*) filter (where kind = 'extra' and cause <> 'left_out'),
                       count(*) filter (where kind = 'different' and cause <> 'left_out'), count(*) filter (where cause = 'left_out')
                  from replication.comparison_difference where comparison = $1) d (missing, extra, different, left_out)
         where c.id = $1 and c.state in ('running', 'paused') and (c.state = 'running' or $2::bigint is not null)
        returning c.state = 'running'
        """, cancel, id, step.Next, step.Compared, (long)step.Chunks, (long)step.Opened, step.Passing, (long)step.Worked.TotalMilliseconds) ?? false;

    internal Task Fail(long id, string problem, CancellationToken cancel) => newDatabase.Run("""
        update replication.comparison set state = 'failed', finished_at = clock_timestamp(), problem = $2 where id = $1 and state in ('running', 'paused')
        """, cancel, id, problem);

    /// <summary>Forgets what an interrupted step has found; it is found anew.</summary>
    internal Task ForgetFrom(long id, long? key, CancellationToken cancel) =>
        newDatabase.Run("delete from replication.comparison_difference where comparison = $1 and key >= coalesce($2, key)", cancel, id, key);

    internal Task Add(long id, IReadOnlyList<FoundDifference> found, CancellationToken cancel) => newDatabase.Run("""
        insert into replication.comparison_difference (comparison, key, kind, cause, cells)
        select $1, d.* from unnest($2, $3, $4, $5::jsonb[]) d
        on conflict (comparison, key) do update set kind = excluded.kind, cause = excluded.cause, cells = excluded.cells, found_at = excluded.found_at
        """, cancel, id,
        found.Select(d => d.Key).ToArray(),
        found.Select(d => DifferenceWords.Word(d.Kind)).ToArray(),
        found.Select(d => DifferenceWords.Word(d.Cause)).ToArray(),
        found.Select(DifferenceWords.Cells).ToArray());

    /// <summary>A page of differences, in order of key.</summary>
    internal async Task<DifferencePage> Page(long id, DifferenceFilter filter, IReadOnlyList<ComparedColumn> columns, int size, CancellationToken cancel)
    {
        // One more than fits tells whether there are others.
        var rows = await Differences(id, filter, columns, size + 1, cancel);
        var (backwards, more) = (filter is { After: null, Before: not null }, rows.Count > size);
        if (more)
        {
            rows.RemoveAt(backwards ? 0 : size);
        }

        return new(columns, rows, backwards ? more : filter.After is not null, backwards || more);
    }

    /// <summary>Differences in order of key: the first ones after a key, or the last ones before one.</summary>
    internal Task<List<FoundDifference>> Differences(
        long id, DifferenceFilter filter, IReadOnlyList<ComparedColumn> columns, int most, CancellationToken cancel) => newDatabase.Rows($"""
            select * from (
                select key, kind, cause, cells::text, found_at
                  from replication.comparison_difference
                 where comparison = $1 and ($2::text is null or kind = $2) and ($3::text is null or cause = $3) and ($4::bigint is null or key > $4) and ($6::bigint is null or key < $6)
                 order by key {(filter is { After: null, Before: not null } ? "desc" : "asc")}
                 limit $5) d
             order by key
            """,
            r => new FoundDifference(
                r.GetInt64(0), DifferenceWords.Kind(r.GetString(1)), DifferenceWords.Cause(r.GetString(2)),
                DifferenceWords.Cells(r.GetString(3), columns), r.GetFieldValue<Instant>(4)),
            cancel, id, filter.Kind is { } kind ? DifferenceWords.Word(kind) : null, filter.Cause is { } cause ? DifferenceWords.Word(cause) : null, filter.After, most, filter.After is null ? filter.Before : null);

    private static ComparisonRun ReadRun(NpgsqlDataReader r) => new(
        r.GetInt64(0), r.GetString(1), r.GetString(2),
        Enum.Parse<ComparisonOrigin>(r.GetString(3), ignoreCase: true),
        Enum.Parse<ComparisonState>(r.GetString(4), ignoreCase: true),
        r.GetFieldValue<Instant>(5),
        r.IsDBNull(6) ? null : r.GetFieldValue<Instant>(6),
        new(r.GetFloat(7), TimeSpan.FromMilliseconds(r.GetInt32(8))),
        r.IsDBNull(9) ? null : r.GetInt64(9),
        r.IsDBNull(10) ? null : r.GetInt64(10),
        r.GetInt64(11), TimeSpan.FromMilliseconds(r.GetInt64(12)), r.GetInt64(13), r.GetInt64(14),
        r.GetInt64(15), r.GetInt64(16), r.GetInt64(17), r.GetInt64(18), r.GetInt64(19),
        r.TextOrNull(20));

#pragma warning disable CA1308 // The database's own words are lower case.
    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}

/// <summary>Which differences of a comparison to look at; what is null does not narrow it.</summary>
/// <param name="After">Only keys after this one.</param>
/// <param name="Before">Where <paramref name="After"/> is null, the last ones before this key.</param>
public sealed record DifferenceFilter(Difference? Kind = null, DifferenceCause? Cause = null, long? After = null, long? Before = null);
