using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;
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

    private static readonly Trouble NotAsShown = new(
        TroubleKind.NewDatabase, "Meanwhile somebody else has decided on it, or the old system has changed it.", "Look at it as it is now, then decide.");

    private sealed record SeenRow(long Key, Instant FoundAt, Instant? DecidedAt);

    /// <summary>Rows in quarantine for just these reasons, by their numbers.</summary>
    /// <param name="most">At most so many, the first ones.</param>
    public Task<Answer<IReadOnlyList<QuarantinedRow>>> Read(
        Caller? caller, IReadOnlyList<string> reasons, int most, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await using var command = newDatabase.CreateCommand(
                """
                select key, (select json_object_agg(a.attname, q.old_row -> a.attname::text order by a.attnum)::text
                               from pg_catalog.pg_attribute a where a.attrelid = 'replication.incoming'::regclass and a.attnum > 0), detail, state, found_at,
                       decision, edited::text, decided_by, decided_at
                  from replication.quarantine q
                 where mapping = 'timesheet_old' and reasons = $1 order by key limit $2
                """);
            command.Parameters.Add(new() { Value = reasons.ToArray() });
            command.Parameters.Add(new() { Value = most });
            return (IReadOnlyList<QuarantinedRow>)await command.Rows(r => new QuarantinedRow(
                r.GetInt64(0), Columns(r.GetString(1)), r.TextOrNull(2), r.GetString(3), r.GetFieldValue<Instant>(4),
                r.IsDBNull(5) ? null : new QuarantineDecided(Decision(r.GetString(5)), Columns(r.TextOrNull(6) ?? "{}"), r.GetString(7), r.GetFieldValue<Instant>(8))), cancel);
        });

    /// <summary>Decides for a row in quarantine, if it is still as it was shown; the next run follows it.</summary>
    /// <param name="edited">With <see cref="QuarantineDecision.Edit"/>: columns and their right values.</param>
    public Task<Answer<RowCount>> Decide(
        Caller? caller, QuarantinedRow shown, QuarantineDecision decision, IReadOnlyDictionary<string, string?>? edited = null,
        CancellationToken cancel = default) =>
        Decide(caller, _ => Task.FromResult<List<SeenRow>>([new(shown.Key, shown.FoundAt, shown.Decided?.At)]), decision, edited, cancel);

    /// <summary>Decides for the open rows of a group that were counted when it was shown, and for none that came since.</summary>
    /// <param name="edited">With <see cref="QuarantineDecision.Edit"/>: columns and their right values.</param>
    /// <returns>For how many it was noted: fewer than were shown, if some have changed meanwhile.</returns>
    public Task<Answer<RowCount>> DecideAll(
        Caller? caller, QuarantineGroup shown, QuarantineDecision decision, IReadOnlyDictionary<string, string?>? edited = null,
        CancellationToken cancel = default) =>
        Decide(caller, stop => Open(shown, stop), decision, edited, cancel);

    /// <summary>Takes over what was decided.</summary>
    /// <returns>How many rows are in the new database now; the others are open again, with what speaks against them now.</returns>
    public Task<Answer<RowCount>> Rerun(Caller? caller, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            var written = 0L;
            try
            {
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
            }
            catch (Exception failure) when (written > 0 && TroubleReader.IsOfDatabase(failure))
            {
                throw new TroubleException(TroubleReader.OfNew(failure) with { Done = $"{(written == 1 ? "1 row was" : $"{written.ToString("N0", CultureInfo.InvariantCulture)} rows were")} taken over, then it broke off." });
            }
        });

    private Task<Answer<RowCount>> Decide(
        Caller? caller, Func<CancellationToken, Task<List<SeenRow>>> seen, QuarantineDecision decision,
        IReadOnlyDictionary<string, string?>? edited, CancellationToken cancel) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            var rows = await seen(cancel);
            try
            {
                var noted = await newDatabase.Scalar<long>("select replication.decide_quarantine($1, $2, $3::timestamptz[], $4, $5::jsonb, $6)", cancel,
                    rows.Select(r => r.Key).ToArray(), rows.Select(r => r.FoundAt).ToArray(), rows.Select(r => r.DecidedAt).ToArray(),
                    Name(decision), edited is null ? null : JsonSerializer.Serialize(edited),
                    caller?.Name ?? "");
                return noted > 0 ? (Answer<RowCount>)new RowCount(noted.Value) : NotAsShown;
            }
            catch (PostgresException unfit) when (unfit.SqlState.StartsWith("22", StringComparison.Ordinal))
            {
                return ValueDoesNotFit;
            }
        });

    private Task<List<SeenRow>> Open(QuarantineGroup shown, CancellationToken cancel) => newDatabase.Rows(
        "select key, found_at from replication.quarantine where mapping = 'timesheet_old' and reasons = $1 and state = 'open' and found_at <= $2::timestamptz",
        r => new SeenRow(r.GetInt64(0), r.GetFieldValue<Instant>(1), null), cancel, shown.Reasons.ToArray(), shown.Newest);

    private static string Name(QuarantineDecision decision) => JsonNamingPolicy.SnakeCaseLower.ConvertName(decision.ToString());

    private static QuarantineDecision Decision(string name) => Enum.GetValues<QuarantineDecision>().Single(d => Name(d) == name);

    private static Dictionary<string, string?> Columns(string row) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(row)?.ToDictionary(
            c => c.Key, c => c.Value.ValueKind == JsonValueKind.Null ? null : c.Value.ToString()) ?? [];
}
