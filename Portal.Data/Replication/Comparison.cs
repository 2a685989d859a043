using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime.Extensions;
using Npgsql;
using NpgsqlTypes;
using Portal.Data.Accounts;
using Portal.Data.Databases;
using Portal.Data.Replication.Comparing;

namespace Portal.Data.Replication;

/// <summary>Old rows beside the rows that the mapping shows, page by page, and how many differ.</summary>
public sealed class Comparison(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    [FromKeyedServices(DatabaseNames.Old)] NpgsqlDataSource oldDatabase,
    ComparisonStore runs,
    TimeProvider time,
    ILogger<Comparison> log) : IDisposable
{
    /// <summary>Rows of one page unless told otherwise.</summary>
    public const int PageSize = 25;

    // Of more differences only the number is of interest here.
    private const int LookAgainLimit = 10_000;

    private const string Columns = """
        select a.attname, t.typcategory = 'N'
          from pg_catalog.pg_attribute a
          join pg_catalog.pg_type t on t.oid = a.atttypid
         where a.attrelid = 'mapping.timesheet_old'::regclass and a.attnum > 0 and not a.attisdropped
         order by a.attnum
        """;

    private const string PageOfRows = """
        select id, difference, differing_columns, new_row, old_row
          from replication.compare(
                   for_id => @id, for_worker_id => @worker_id, for_worker_name => @worker_name,
                   for_hospital_id => @hospital_id, for_hospital_name => @hospital_name,
                   only_differences => @only_differences,
                   after_id => @after_id, before_id => @before_id, max_rows => @max_rows)
        """;

    private readonly SemaphoreSlim oneAtATime = new(1);
    private readonly CancellationTokenSource ending = new();

    private readonly NodaTime.Instant since = time.GetUtcNow().ToInstant();

    /// <summary>The newest result that is known here: of <see cref="Summarise"/>, whoever asked for it, or of a comparison that is kept.</summary>
    internal ComparisonSummary? Newest { get; private set; }

    /// <summary>Learns of a comparison that was begun, on a page or a command line, after what is known here was found.</summary>
    internal async Task LookForNewer(CancellationToken cancel)
    {
        if (await runs.NewestFinished(ComparedTable.Timesheets, cancel) is { } run && run.StartedAt > (Newest?.At ?? since))
        {
            Newest = ComparisonSummary.Of(run);
        }
    }

    /// <summary>One page of rows, in order of id.</summary>
    public Task<Answer<ComparedPage>> Page(
        Caller? caller, RowFilter filter, PageKey from, int size = PageSize, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await newDatabase.NeedOldDatabase(cancel);
            await using var connection = await newDatabase.OpenConnectionAsync(cancel);
            var columns = await connection.Rows(Columns, r => new ComparedColumn(r.GetString(0), r.GetBoolean(1)), cancel);

            await using var command = new NpgsqlCommand(PageOfRows, connection);
            Add("id", NpgsqlDbType.Bigint, filter.Id);
            Add("worker_id", NpgsqlDbType.Bigint, filter.WorkerId);
            Add("worker_name", NpgsqlDbType.Text, filter.WorkerName);
            Add("hospital_id", NpgsqlDbType.Bigint, filter.HospitalId);
            Add("hospital_name", NpgsqlDbType.Text, filter.HospitalName);
            Add("only_differences", NpgsqlDbType.Boolean, filter.OnlyDifferences);
            Add("after_id", NpgsqlDbType.Bigint, from.After);
            Add("before_id", NpgsqlDbType.Bigint, from.After is null ? from.Before : null);
            // One more than fits tells whether there are others.
            Add("max_rows", NpgsqlDbType.Integer, size + 1);
            var rows = await command.Rows(r => Row(r, columns), cancel);

            var backwards = from is { After: null, Before: not null };
            var more = rows.Count > size;
            if (more)
            {
                rows.RemoveAt(backwards ? 0 : rows.Count - 1);
            }

            return new ComparedPage(columns, rows, backwards ? more : from.After is not null, backwards || more);

            void Add(string name, NpgsqlDbType type, object? value) =>
                command.Parameters.Add(new NpgsqlParameter(name, type) { Value = value ?? DBNull.Value });
        });

    /// <summary>Compares all rows.</summary>
    public Task<Answer<ComparisonSummary>> Summarise(Caller? caller, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, () => Summarise(cancel));

    // Who leaves stops waiting, not the comparison: others may wait for it, and it counts for whoever comes.
    internal Task<ComparisonSummary> Summarise(CancellationToken cancel) => SummariseAfter(time.GetUtcNow().ToInstant()).WaitAsync(cancel);

    private async Task<ComparisonSummary> SummariseAfter(NodaTime.Instant asked)
    {
        await oneAtATime.WaitAsync(ending.Token);
        try
        {
            // Another's run that began after this call serves as well.
            return Newest is { } newest && newest.StartedAt >= asked ? newest : Newest = await Run(ending.Token);
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    public void Dispose()
    {
        ending.Cancel();
        ending.Dispose();
    }

    private async Task<ComparisonSummary> Run(CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        var startedAt = time.GetUtcNow().ToInstant();
        var table = await ComparedTable.Read(ComparedTable.Timesheets, newDatabase, oldDatabase, cancel);
        var look = new SecondLook(table, newDatabase, oldDatabase, time) { CountOnlyBeyond = LookAgainLimit };
        var (compared, missing, extra, different) = (0L, 0L, 0L, 0L);
        await foreach (var step in new ChunkComparison(table, look, ComparisonLoad.Full, time).Run(null, Count, cancel))
        {
            compared += step.Compared;
        }

        return new(startedAt, time.GetUtcNow().ToInstant(), time.GetElapsedTime(start), compared, missing, extra, different);

        Task Count(IReadOnlyList<FoundDifference> found)
        {
            // What was not taken over from the old table stays as it is there and is not compared.
            compared -= found.Count(d => d.Cause == DifferenceCause.LeftOut);
            missing += Count(Difference.Missing);
            extra += Count(Difference.Extra);
            different += Count(Difference.Different);
            return Task.CompletedTask;

            int Count(Difference kind) => found.Count(d => d.Kind == kind && d.Cause != DifferenceCause.LeftOut);
        }
    }

    private static ComparedRow Row(NpgsqlDataReader row, List<ComparedColumn> columns)
    {
        var differing = row.GetFieldValue<string[]>(2);
        using var newRow = row.IsDBNull(3) ? null : JsonDocument.Parse(row.GetString(3));
        using var oldRow = row.IsDBNull(4) ? null : JsonDocument.Parse(row.GetString(4));
        return new(
            row.GetInt64(0),
            Enum.Parse<Difference>(row.GetString(1), ignoreCase: true),
            [.. columns.Select(c => new ComparedCell(Text(newRow, c.Name), Text(oldRow, c.Name), differing.Contains(c.Name)))]);
    }

    private static string? Text(JsonDocument? row, string column) =>
        row is null || !row.RootElement.TryGetProperty(column, out var value) ? null : value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => value.GetString(),
            _ => value.GetRawText(),
        };
}
