using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Backfill;

/// <summary>How many rows something was done to.</summary>
public sealed record RowCount(long Rows);

/// <summary>Old rows that did not fit: what is wrong with them, and what an admin decides.</summary>
public sealed class QuarantineService(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase, ILogger<QuarantineService> log)
{
    private static readonly Trouble ValueDoesNotFit = new(
        TroubleKind.NewDatabase, "That value does not fit its column.", "Write it as the old rows do, for example 07:30, 2026-03-01 or 33.");

    /// <summary>Rows in quarantine for just these reasons, by their numbers.</summary>
    /// <param name="after">Only numbers above this one.</param>
    /// <param name="most">At most so many.</param>
    public Task<Answer<IReadOnlyList<QuarantinedRow>>> Read(
        Caller? caller, IReadOnlyList<string> reasons, long after, int most, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await using var command = newDatabase.CreateCommand(
                """
                select key, (select json_object_agg(a.attname, q.old_row -> a.attname::text order by a.attnum)::text
                               from pg_catalog.pg_attribute a where a.attrelid = 'replication.incoming'::regclass and a.attnum > 0), detail, state
                  from replication.quarantine q
                 where mapping = 'timesheet_old' and reasons = $1 and key > $2 order by key limit $3
                """);
            command.Parameters.Add(new() { Value = reasons.ToArray() });
            command.Parameters.Add(new() { Value = after });
            command.Parameters.Add(new() { Value = most });
            return (IReadOnlyList<QuarantinedRow>)await command.Rows(r => new QuarantinedRow(
                r.GetInt64(0), Columns(r.GetString(1)), r.TextOrNull(2), r.GetString(3)), cancel);
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
