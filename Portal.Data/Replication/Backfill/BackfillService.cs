using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;
using NpgsqlTypes;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Backfill;

/// <summary>How many rows something was done to.</summary>
public sealed record RowCount(long Rows);

/// <summary>What an admin sees of the backfill and does to it. The rows are taken over by <see cref="BackfillWorker"/>, wherever one runs.</summary>
public sealed class BackfillService(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase, ILogger<BackfillService> log)
{
    private static readonly Trouble ValueDoesNotFit = new(
        TroubleKind.NewDatabase, "That value does not fit its column.", "Write it as the old rows do, for example 07:30, 2026-03-01 or 33.");

    private const string State =
        """
        select c.authority = 'old', coalesce(b.state = 'running', false), coalesce(b.share, 1), coalesce(b.round, 1),
               coalesce(b.rows_to_read, 0), coalesce(b.rows_read, 0), coalesce(b.rows_written, 0), coalesce(b.rows_removed, 0),
               coalesce(b.seconds, 0), coalesce(b.next_key is null and b.finished_at is not null, false), b.changed_last, b.finished_at, b.error,
               (select count(*) from timesheet_old_schema.timesheet_old), (select count(*) from public.timesheet_new)
          from replication.control c left join replication.backfill b on b.mapping = 'timesheet_old'
        """;

    private const string Groups =
        """
        select reasons, count(*) filter (where state = 'open'), count(*) filter (where state = 'decided'),
               count(*) filter (where state = 'skipped'), count(*) filter (where state = 'taken')
          from replication.quarantine
         where mapping = 'timesheet_old'
         group by reasons
         order by count(*) filter (where state = 'open') desc, count(*) desc, reasons
        """;

    /// <summary>Reads how far it is. Fails when the old database cannot be reached: its rows are counted.</summary>
    public Task<Answer<BackfillReport>> Read(Caller? caller, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await using var connection = await newDatabase.OpenConnectionAsync(cancel);
            var groups = await connection.Rows(Groups, r => new QuarantineGroup(
                r.GetFieldValue<string[]>(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4)), cancel);
            return (await connection.Rows(State, r => new BackfillReport(
                r.GetBoolean(0), r.GetBoolean(1), r.GetDecimal(2), r.GetInt32(3),
                r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), r.GetInt64(7),
                Duration.FromSeconds(r.GetDouble(8)), r.GetBoolean(9),
                r.IsDBNull(10) ? null : r.GetInt64(10),
                r.IsDBNull(11) ? null : r.GetFieldValue<Instant>(11),
                r.TextOrNull(12), r.GetInt64(13), r.GetInt64(14), groups), cancel)).Single();
        });

    /// <summary>Rows in quarantine for just these reasons, by their numbers.</summary>
    /// <param name="after">Only numbers above this one.</param>
    /// <param name="most">At most so many.</param>
    public Task<Answer<IReadOnlyList<QuarantinedRow>>> Quarantine(
        Caller? caller, IReadOnlyList<string> reasons, long after, int most, CancellationToken cancel = default) =>
        AdminOnly.Answer<IReadOnlyList<QuarantinedRow>>(caller, log, async () =>
        {
            await using var command = newDatabase.CreateCommand(
                """
                select key, old_row::text, detail, state from replication.quarantine
                 where mapping = 'timesheet_old' and reasons = $1 and key > $2 order by key limit $3
                """);
            command.Parameters.Add(new() { Value = reasons.ToArray() });
            command.Parameters.Add(new() { Value = after });
            command.Parameters.Add(new() { Value = most });
            return await command.Rows(r => new QuarantinedRow(
                r.GetInt64(0), Columns(r.GetString(1)), r.TextOrNull(2), r.GetString(3)), cancel);
        });

    /// <summary>Lets it run with a share of the time, or stops it after the step under way.</summary>
    /// <param name="share">Above 0, up to 1; null: as before.</param>
    public Task<Answer<BackfillReport>> Run(Caller? caller, bool run, decimal? share = null, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await using (var command = newDatabase.CreateCommand("select replication.run_backfill($1, $2, $3)"))
            {
                command.Parameters.Add(new() { Value = run ? "running" : "stopped" });
                command.Parameters.Add(new() { Value = (object?)share ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Numeric });
                command.Parameters.Add(new() { Value = caller?.Name ?? "" });
                await command.ExecuteNonQueryAsync(cancel);
            }

            return (await Read(caller, cancel)).Value ?? throw new NpgsqlException("The backfill was switched, but could not be read.");
        });

    /// <summary>Decides for rows in quarantine; the next run follows it.</summary>
    /// <param name="keys">Which rows; null: all open ones with these reasons.</param>
    /// <param name="edited">With <see cref="QuarantineDecision.Edit"/>: columns and their right values.</param>
    public async Task<Answer<RowCount>> Decide(
        Caller? caller, IReadOnlyList<string> reasons, IReadOnlyList<long>? keys, QuarantineDecision decision,
        IReadOnlyDictionary<string, string?>? edited = null, CancellationToken cancel = default)
    {
        try
        {
            return await AdminOnly.Answer(caller, log, () => DecideAsync(caller?.Name ?? "", reasons, keys, decision, edited, cancel));
        }
        catch (FormatException)
        {
            return ValueDoesNotFit;
        }
    }

    /// <summary>Takes over what was decided.</summary>
    /// <returns>How many rows are in the new database now; the others are open again, with what speaks against them now.</returns>
    public Task<Answer<RowCount>> Rerun(Caller? caller, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            var written = 0L;
            while (true)
            {
                await using var command = newDatabase.CreateCommand("select rows_tried, rows_written from replication.rerun_quarantine()");
                command.CommandTimeout = 0;
                var (tried, wrote) = (await command.Rows(r => (r.GetInt64(0), r.GetInt64(1)), cancel)).Single();
                written += wrote;
                if (tried == 0)
                {
                    return new RowCount(written);
                }
            }
        });

    private async Task<RowCount> DecideAsync(
        string account, IReadOnlyList<string> reasons, IReadOnlyList<long>? keys, QuarantineDecision decision,
        IReadOnlyDictionary<string, string?>? edited, CancellationToken cancel)
    {
        await using var command = newDatabase.CreateCommand(
            """
            select replication.decide_quarantine(
                coalesce($1, array(select key from replication.quarantine where mapping = 'timesheet_old' and reasons = $2 and state = 'open')),
                $3, $4, $5)
            """);
        command.Parameters.Add(new() { Value = (object?)keys?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        command.Parameters.Add(new() { Value = reasons.ToArray() });
        command.Parameters.Add(new() { Value = JsonNamingPolicy.SnakeCaseLower.ConvertName(decision.ToString()) });
        command.Parameters.Add(new() { Value = edited is null ? DBNull.Value : JsonSerializer.Serialize(edited), NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(new() { Value = account });
        try
        {
            return new RowCount(await command.ExecuteScalarAsync(cancel) is long rows ? rows : 0);
        }
        catch (PostgresException unfit) when (unfit.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            throw new FormatException(unfit.MessageText, unfit);
        }
    }

    private static Dictionary<string, string?> Columns(string row) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(row)?.ToDictionary(
            c => c.Key, c => c.Value.ValueKind == JsonValueKind.Null ? null : c.Value.ToString()) ?? [];
}
