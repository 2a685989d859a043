using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Npgsql;
using Portal.Data.Databases;
using Portal.Data.Replication.Backfill;

namespace Portal.Data.Replication.Planning;

/// <summary>Puts together what the plan is told by: both databases, as they are at this moment.</summary>
public sealed class PlanReading(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    [FromKeyedServices(DatabaseNames.Old)] NpgsqlDataSource oldDatabase,
    OldGuard guard,
    ForeignServers servers,
    OldSchema schema,
    ReplicationTriggers triggers)
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private const string Facts = """
        select clock_timestamp(), c.retired_at, c.authority = 'old', array(select m.old_table from replication.mapping m order by 1),
               coalesce((select sum(cardinality(o.keys)) from replication.outbox o), 0)::bigint, (select count(*) from replication.set_aside),
               (select case when count(*) = count(v.finished_at) then min(v.finished_at) end from replication.verification v),
               (select coalesce(sum(greatest(v.found, v.found_last)), 0)::bigint from replication.verification v),
               (select b.finished_round_began_at from replication.backfill b where b.mapping = 'timesheet_old'),
               w.sampled_at, w.watched_since, w.in_step_since, w.refused_at
          from replication.control c, replication.plan_watch w
        """;

    private const string Steps = "select step, taken_at, taken_by, why, figures::text from replication.plan_step order by position";

    private const string Readers = """
        select application, role, address, first_seen, last_seen, times_seen, moved_on_at, moved_on_by, note
          from replication.reader
         order by moved_on_at is not null and last_seen <= moved_on_at, last_seen desc, application, role, address
        """;

    private const string ReadersTogether = """
        select count(*), count(*) filter (where r.stays), max(r.last_seen),
               (array_agg(r.application order by r.last_seen desc, r.application, r.role, r.address) filter (where r.stays))[1],
               (array_agg(r.role order by r.last_seen desc, r.application, r.role, r.address) filter (where r.stays))[1]
          from (select *, (last_seen <= moved_on_at) is not true as stays from replication.reader) r
        """;

    private const string Scans = """
        select table_name, hour, scans, rows_read
          from replication.old_scan where hour > now() - interval '7 days' order by table_name, hour
        """;

    private const string Settings = """
        select name, extract(epoch from value)::float8
          from replication.plan_setting order by array_position(array['writers_quiet', 'in_step', 'readers_quiet', 'frozen'], name)
        """;

    private const string Leftovers = "select kind, array_agg(name order by name) from replication.leftovers() group by kind order by kind";

    /// <summary>Reads the plan. What the old database does not tell is missing in it, and named.</summary>
    public Task<PlanReport> ReadAsync(CancellationToken cancel) => ReadAsync(Readers, cancel);

    /// <summary>Reads the plan with a page of those who read the old database.</summary>
    /// <param name="number">1 is the first.</param>
    public Task<PlanReport> ReadAsync(int number, CancellationToken cancel) =>
        ReadAsync($"{Readers} limit {PlanReport.ReadersOnPage} offset {(number - 1L) * PlanReport.ReadersOnPage}", cancel);

    private async Task<PlanReport> ReadAsync(string whichReaders, CancellationToken cancel)
    {
        await using var connection = await newDatabase.OpenConnectionAsync(cancel);
        var facts = (await connection.Rows(Facts, New, cancel)).Single();
        var taken = await connection.Rows(Steps, Step, cancel);
        var readers = await connection.Rows(whichReaders, Reader, cancel);
        var together = (await connection.Rows(ReadersTogether, Together, cancel)).Single();
        var scans = await connection.Rows(Scans, r => new ScanHour(r.GetString(0), r.GetFieldValue<Instant>(1), r.GetInt64(2), r.GetInt64(3)), cancel);
        var settings = await connection.Rows(Settings, r => new PlanSetting(r.GetString(0), Duration.FromSeconds(r.GetDouble(1))), cancel);
        if (facts.RetiredAt is not null)
        {
            var left = await connection.Rows(Leftovers, r => new Leftover(r.GetString(0), r.GetFieldValue<string[]>(1)), cancel);
            return new(facts.Now, taken, null, null, readers, together.Seen, facts.WatchedSince, facts.SampledAt, scans, settings, left);
        }

        var (state, trouble) = await GuardAsync(cancel);
        var all = new PlanFacts(
            facts, state, trouble is null ? Pending() : [], await servers.ReachOld(cancel), await SchemaAsync(trouble is null, cancel),
            await triggers.Read(cancel), trouble is null ? await BackfillAsync(connection, cancel) : null, together,
            settings.ToDictionary(s => s.Name, s => s.Value),
            taken.Where(s => s.TakenAt is not null).ToDictionary(s => s.Name, s => s.TakenAt ?? default));
        return new(facts.Now, [.. taken.Select(s => s.Taken ? s : s with { Conditions = PlanConditions.Of(s.Name, all) })],
            state, trouble, readers, together.Seen, facts.WatchedSince, facts.SampledAt, scans, settings, []);
    }

    private async Task<(GuardState? State, Trouble? Trouble)> GuardAsync(CancellationToken cancel)
    {
        try
        {
            return (await guard.ReadAsync(cancel), null);
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
        {
            return (null, failure is PostgresException { SqlState: "42P01" or "42883" or "3F000" }
                ? new(TroubleKind.OldDatabase, "The old database has no guard.", "Run the command migrate, which installs it.")
                : TroubleReader.OfOld(failure));
        }
    }

    private async Task<SchemaReport> SchemaAsync(bool look, CancellationToken cancel)
    {
        try
        {
            if (look)
            {
                await schema.LookAsync(cancel);
            }
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure) || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // Then it is as it was seen last.
        }

        return await schema.ReadAsync(cancel);
    }

    // Rows are counted through the foreign server, which may be away although the portal's own way is not.
    private static async Task<BackfillReport?> BackfillAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        try
        {
            return await BackfillService.ReadAsync(connection, cancel);
        }
        catch (PostgresException)
        {
            return null;
        }
    }

    private IReadOnlyList<string> Pending() =>
        [.. new ScriptRunner(oldDatabase, Script.Of(DatabaseNames.Old)).Pending(), .. new ScriptRunner(newDatabase, Script.Of(DatabaseNames.New)).Pending()];

    private static NewFacts New(NpgsqlDataReader row) => new(
        row.GetFieldValue<Instant>(0), At(row, 1), row.GetBoolean(2), row.GetFieldValue<string[]>(3), row.GetInt64(4), row.GetInt64(5),
        At(row, 6), row.GetInt64(7), At(row, 8), At(row, 9), At(row, 10), At(row, 11), At(row, 12));

    private static PlanStep Step(NpgsqlDataReader row) => new(
        Enum.Parse<PlanStepName>(row.GetString(0).Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
        At(row, 1), row.TextOrNull(2), row.TextOrNull(3),
        row.TextOrNull(4) is { } figures ? JsonSerializer.Deserialize<List<PlanCondition>>(figures, Json) ?? [] : []);

    private static OldReader Reader(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetFieldValue<Instant>(3), row.GetFieldValue<Instant>(4), row.GetInt64(5),
        At(row, 6), row.TextOrNull(7), row.TextOrNull(8));

    private static ReaderFacts Together(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), At(row, 2), row.IsDBNull(3) ? null : (row.GetString(3), row.GetString(4)));

    private static Instant? At(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<Instant>(column);
}
