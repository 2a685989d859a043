using System.Globalization;
using Npgsql;

namespace Portal.Data.Replication.Comparing;

/// <summary>One side of a comparison: hashes are made in its database, next to the rows.</summary>
/// <param name="relation">The table, or the view.</param>
/// <param name="keyColumn">Its key.</param>
/// <param name="values">The expressions of table <c>t</c> that are hashed, in the order of both sides.</param>
/// <param name="isOld">Whether failures are the old database's.</param>
internal sealed class ComparedSide(NpgsqlDataSource database, string relation, string keyColumn, IReadOnlyList<string> values, bool isOld)
{
    private const string AsText = "::text collate \"C\"";

    private readonly string key = $"\"{keyColumn.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    private string? hash;

    /// <summary>How many rows there are: roughly where there are many. For a table, of which the server keeps figures.</summary>
    public Task<long> Estimate(ComparisonLoad load, CancellationToken cancel) => Ask($"""
        select case when c.reltuples > 100000 then c.reltuples::bigint else (select count(*) from {relation}) end
          from pg_catalog.pg_class c where c.oid = '{relation}'::regclass
        """, load, r => r.GetInt64(0), cancel).First();

    /// <summary>The first key and the last; null when there is no row.</summary>
    public async Task<(long First, long Last)?> Ends(ComparisonLoad load, CancellationToken cancel)
    {
        var ends = await Ask($"""
            select (select t.{key} from {relation} t order by t.{key} limit 1), (select t.{key} from {relation} t order by t.{key} desc limit 1)
            """, load, r => r.IsDBNull(0) || r.IsDBNull(1) ? ((long, long)?)null : (r.GetInt64(0), r.GetInt64(1)), cancel).First();
        return ends;
    }

    /// <summary>The first keys of the chunks after the first one, at most so many.</summary>
    public async Task<long[]> Boundaries(KeyRange range, int rows, int most, ComparisonLoad load, CancellationToken cancel) =>
        [.. await Ask(string.Create(CultureInfo.InvariantCulture, $"""
            with recursive boundary (key, n) as (
                select (select t.{key} from {relation} t where {range.Condition(key)} order by t.{key} offset {rows} limit 1), 1
                union all
                select (select t.{key} from {relation} t where t.{key} >= b.key and {(range with { From = null }).Condition(key)}
                         order by t.{key} offset {rows} limit 1), b.n + 1
                  from boundary b
                 where b.key is not null and b.n < {most}
            )
            select key from boundary where key is not null order by key
            """), load, r => r.GetInt64(0), cancel)];

    /// <summary>The same for a range that is known to hold rows, read in one go.</summary>
    public async Task<long[]> Split(KeyRange range, int rows, ComparisonLoad load, CancellationToken cancel) =>
        [.. await Ask(string.Create(CultureInfo.InvariantCulture, $"""
            select r.key
              from (select t.{key} as key, row_number() over (order by t.{key}) as n from {relation} t where {range.Condition(key)}) r
             where r.n > 1 and (r.n - 1) % {rows} = 0
             order by r.key
            """), load, r => r.GetInt64(0), cancel)];

    /// <summary>The hashes of chunks; one without rows is left out.</summary>
    public async Task<Dictionary<int, ChunkHash>> Hashes(Cut cut, ComparisonLoad load, CancellationToken cancel)
    {
        var hashes = await Ask($$"""
            select {{cut.Number(key)}}, count(*), sum({{await Hash(cancel)}})::text
              from {{relation}} t
             where {{cut.Range.Condition(key)}}
             group by 1
            """, load, r => (Chunk: r.GetInt32(0), Hash: new ChunkHash(r.GetInt64(1), r.GetString(2))), cancel);
        return hashes.ToDictionary(h => h.Chunk, h => h.Hash);
    }

    /// <summary>The hash of each row of a range, by its key.</summary>
    public async Task<Dictionary<long, long>> RowHashes(KeyRange range, ComparisonLoad load, CancellationToken cancel) =>
        (await Ask($"select t.{key}, {await Hash(cancel)} from {relation} t where {range.Condition(key)}",
            load, r => (Key: r.GetInt64(0), Hash: r.GetInt64(1)), cancel)).ToDictionary(r => r.Key, r => r.Hash);

    private async Task<List<T>> Ask<T>(string sql, ComparisonLoad load, Func<NpgsqlDataReader, T> read, CancellationToken cancel)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            // There are few chunks, which the planner cannot know: without the settings it would sort all rows by chunk.
            await using var command = new NpgsqlCommand($"""
                set local enable_sort = off;
                set local work_mem = '64MB';
                set local statement_timeout = {(long)load.Timeout.TotalMilliseconds};
                set local max_parallel_workers_per_gather = {(load.MaxShare < 1 ? "0" : "default")};
                {sql}
                """, connection, transaction);
            // The server gives up first, unless it hangs.
            command.CommandTimeout = (int)load.Timeout.TotalSeconds + 5;
            var rows = await command.Rows(read, cancel);
            await transaction.CommitAsync(cancel);
            return rows;
        }
        catch (Exception failure) when (isOld && TroubleReader.IsOfDatabase(failure))
        {
            throw new OldDatabaseException(failure);
        }
    }

    // The same characters are other bytes in another encoding, and bytes are what is hashed.
    // PostgreSQL's hash of a row is a plain sum of its values' hashes, each times a power of 31: without the key as a seed two
    // rows of a chunk could change values with each other and nobody would see it.
    private async Task<string> Hash(CancellationToken cancel)
    {
        if (hash is null)
        {
            var encoding = await Ask("select pg_catalog.getdatabaseencoding()::text", ComparisonLoad.Full, r => r.GetString(0), cancel).First();
            hash = $"hash_record_extended(row({string.Join(", ", values.Select(v =>
                encoding != "UTF8" && v.EndsWith(AsText, StringComparison.Ordinal) ? $"convert_to({v}, 'UTF8')" : v))}), hashint8extended(t.{key}, 0))";
        }

        return hash;
    }
}

internal static class OnlyRow
{
    public static async Task<T> First<T>(this Task<List<T>> rows) => (await rows)[0];
}
