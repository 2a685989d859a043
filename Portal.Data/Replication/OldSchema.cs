using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Extensions;
using Npgsql;
using NpgsqlTypes;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication;

/// <summary>The imported picture of the old tables beside what they are now, and taking it anew.</summary>
public sealed class OldSchema(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    [FromKeyedServices(DatabaseNames.Old)] NpgsqlDataSource oldDatabase,
    TimeProvider time,
    ILogger<OldSchema> log)
{
    /// <summary>The code of the trouble that what would be done is not what was shown.</summary>
    public const string ChangedSinceShown = PostgresErrorCodes.ObjectNotInPrerequisiteState;

    // Views that are asked or given something by an update.
    private const string Own = "portal_replication.";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2.25);

    private const string Drift = """
        select foreign_table, remote_table, column_name, here_position, here_type, here_not_null,
               there_position, there_type, there_not_null, shown_type, left_out_reason, findings
          from replication.schema_drift()
        """;

    /// <summary>Asks the old database how it is, and notes how its tables are.</summary>
    /// <exception cref="NpgsqlException">One of the two did not answer.</exception>
    internal async Task<OldSide> LookAsync(CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        await using var here = await newDatabase.OpenConnectionAsync(cancel);
        var tables = (await here.Rows("select distinct remote_table from replication.pictured_table()", r => r.GetString(0), cancel)).ToArray();
        var writer = (await here.Rows(
            "select remote_user from replication.user_mappings() where local_role = 'portal_owner'", r => r.TextOrNull(0), cancel)).FirstOrDefault() ?? "";

        await using var there = await oldDatabase.OpenConnectionAsync(patience.Token);
        await using var ask = new NpgsqlCommand("select portal_replication.catalogue($1, $2)", there);
        ask.Parameters.Add(new NpgsqlParameter { Value = tables });
        ask.Parameters.Add(new NpgsqlParameter { Value = writer });
        await ask.PrepareAsync(patience.Token);
        var start = time.GetTimestamp();
        var answer = (string?)await ask.ExecuteScalarAsync(patience.Token) ?? "{}";
        var took = time.GetElapsedTime(start);
        await using var clock = new NpgsqlCommand("select clock_timestamp()", here);
        var now = ((Instant?)await clock.ExecuteScalarAsync(cancel) ?? time.GetUtcNow().ToInstant()).ToDateTimeOffset();
        var sinceAsked = time.GetElapsedTime(start);

        using var catalogue = JsonDocument.Parse(answer);
        var found = catalogue.RootElement;
        await NoteAsync(here, found.GetProperty("tables"), cancel);
        return new OldSide(
            found.GetProperty("version").GetString() ?? "",
            // Its clock was read in the middle of the question, ours at the end of a second one.
            found.GetProperty("clock").GetDateTimeOffset() - (now - (sinceAsked - (took / 2))),
            took,
            writer,
            [.. found.GetProperty("tables").EnumerateArray().Select(Rights)]);
    }

    /// <summary>The same; null when one of the two did not answer, which is for a probe to tell.</summary>
    internal async Task<OldSide?> TryLookAsync(CancellationToken cancel)
    {
        try
        {
            return await LookAsync(cancel);
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure) || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>The drift, as of the last look.</summary>
    internal async Task<SchemaReport> ReadAsync(CancellationToken cancel)
    {
        await using var connection = await newDatabase.OpenConnectionAsync(cancel);
        var seen = await connection.Rows("select seen_at from replication.old_catalogue", r => r.GetFieldValue<Instant>(0), cancel);
        var columns = await connection.Rows(Drift, r => (Foreign: r.GetString(0), Remote: r.GetString(1), Column: Column(r)), cancel);
        return new(seen is [var at] ? at : null,
            [.. columns.GroupBy(c => (c.Foreign, c.Remote)).Select(t => new TableDrift(t.Key.Foreign, t.Key.Remote, [.. t.Select(c => c.Column)]))]);
    }

    /// <summary>The statements that would import a table anew.</summary>
    public Task<Answer<IReadOnlyList<string>>> Preview(Caller? caller, string foreignTable, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            // By a look that is some seconds old it would show what is not done any more.
            await TryLookAsync(cancel);
            await using var command = newDatabase.CreateCommand("select replication.import_steps($1)");
            command.Parameters.Add(new NpgsqlParameter { Value = foreignTable });
            return (IReadOnlyList<string>?)(await command.ExecuteScalarAsync(cancel) as string[]) ?? throw new TroubleException(Gone(foreignTable));
        });

    /// <summary>Imports a table anew by the statements that were shown, all or none of them.</summary>
    public Task<Answer<SchemaReport>> ImportAnew(
        Caller? caller, string foreignTable, IReadOnlyList<string> previewed, string reason, CancellationToken cancel = default) =>
        Do(caller, foreignTable, reason, "select replication.import_anew($1, $2, $3, $4)", cancel, foreignTable, previewed.ToArray());

    /// <summary>Leaves a column out of the picture on purpose, now and at every import; or no longer.</summary>
    public Task<Answer<SchemaReport>> LeaveOut(
        Caller? caller, string foreignTable, string column, bool leaveOut, string reason, CancellationToken cancel = default) =>
        Do(caller, foreignTable, reason, "select replication.leave_out_column($1, $2, $3, $4, $5)", cancel, foreignTable, column, leaveOut);

    private Task<Answer<SchemaReport>> Do(
        Caller? caller, string foreignTable, string reason, string sql, CancellationToken cancel, params object[] parameters) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            if (string.IsNullOrWhiteSpace(reason))
            {
                throw new TroubleException(TriggerSwitch.ReasonMissing);
            }

            await using var command = newDatabase.CreateCommand(sql);
            foreach (var value in (object[])[.. parameters, caller?.Name ?? "", reason.Trim()])
            {
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            }

            try
            {
                await command.ExecuteNonQueryAsync(cancel);
            }
            catch (PostgresException refused) when (SchemaTrouble(refused, foreignTable) is { } trouble)
            {
                throw new TroubleException(trouble);
            }

            return await AdminOnly.AfterChange(() => ReadAsync(cancel));
        });

    private static async Task NoteAsync(NpgsqlConnection here, JsonElement tables, CancellationToken cancel)
    {
        await using var note = new NpgsqlCommand("select replication.note_old_catalogue($1)", here);
        note.Parameters.Add(new NpgsqlParameter { Value = tables.GetRawText(), NpgsqlDbType = NpgsqlDbType.Jsonb });
        await note.ExecuteNonQueryAsync(cancel);
    }

    private static TableRights Rights(JsonElement table)
    {
        var name = table.GetProperty("table").GetString() ?? "";
        string[] granted = table.GetProperty("rights") is { ValueKind: JsonValueKind.Array } rights ? [.. rights.EnumerateArray().Select(r => r.GetString() ?? "")] : [];
        string[] needed = name.StartsWith(Own, StringComparison.Ordinal) ? ["select", "update"] : ["select", "insert", "update", "delete"];
        return new(name, granted, [.. needed.Except(granted)]);
    }

    private static DriftColumn Column(NpgsqlDataReader row) => new(
        row.GetString(2),
        row.IsDBNull(3) ? null : new(row.GetInt64(3), row.GetString(4), row.GetBoolean(5)),
        row.IsDBNull(6) ? null : new(row.GetInt64(6), row.GetString(7), row.GetBoolean(8)),
        row.TextOrNull(9),
        row.TextOrNull(10),
        [.. row.GetFieldValue<string[]>(11).Select(f => Enum.Parse<ColumnFinding>(f.Replace("_", "", StringComparison.Ordinal), ignoreCase: true))]);

    private static Trouble? SchemaTrouble(PostgresException refused, string foreignTable) => refused.SqlState switch
    {
        ChangedSinceShown => new(TroubleKind.NewDatabase, "The tables have changed since this was shown.", "Look at them anew, then decide again. Nothing was changed.", refused.SqlState),
        PostgresErrorCodes.UndefinedTable => Gone(foreignTable),
        PostgresErrorCodes.LockNotAvailable => new(
            TroubleKind.NewDatabase, $"{foreignTable} is being read, so it was left as it is.", "Try again in a moment, when the comparison that reads it is over.", refused.SqlState),
        PostgresErrorCodes.DependentObjectsStillExist => new(
            TroubleKind.NewDatabase, $"Something in the new database depends on {foreignTable}, so it was left as it is.", "Let a DBA drop what depends on it, or import by hand.", refused.SqlState),
        _ => null,
    };

    private static Trouble Gone(string foreignTable) => new(
        TroubleKind.OldDatabase, $"The old database has no table for {foreignTable}. Nothing was changed.", "Look whether it was renamed or moved there.", "42P01");
}
