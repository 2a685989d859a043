using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication;

/// <summary>The triggers that carry changes to the old database, as they are beside what the scripts have made.</summary>
public sealed class ReplicationTriggers(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    ILogger<ReplicationTriggers> log)
{
    private const string Triggers = """
        select table_name, trigger_name, kind, enabled, findings, timing, events, for_each_row, is_deferrable, initially_deferred,
               function_name, purpose, definition, source, wanted_definition, wanted_source, calls, total_ms
          from replication.trigger_state()
        """;

    /// <summary>Every trigger there, and every one that should be there and is not.</summary>
    public Task<Answer<TriggerReport>> List(Caller? caller, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, () => Read(cancel));

    internal async Task<TriggerReport> Read(CancellationToken cancel)
    {
        await using var connection = await newDatabase.OpenConnectionAsync(cancel);

        // Those that need a hand come first.
        return new([.. (await connection.Rows(Triggers, Trigger, cancel))
            .OrderByDescending(t => t.IsOurs && !t.Works)
            .ThenByDescending(t => t.Findings.Count > 0)
            .ThenBy(t => t.Kind)
            .ThenBy(t => t.ShownTable, StringComparer.Ordinal)
            .ThenBy(t => t.Name, StringComparer.Ordinal)]);
    }

    private static ReplicationTrigger Trigger(NpgsqlDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        Enum.Parse<TriggerKind>(row.GetString(2), ignoreCase: true),
        row.TextOrNull(3) switch
        {
            null => TriggerState.Missing,
            "D" => TriggerState.Disabled,
            "R" => TriggerState.Replica,
            "A" => TriggerState.Always,
            _ => TriggerState.Origin,
        },
        [.. row.GetFieldValue<string[]>(4).Select(f => Enum.Parse<TriggerFinding>(f, ignoreCase: true))],
        row.IsDBNull(3) ? null : Details(row),
        row.IsDBNull(14) ? null : new(row.GetString(14), row.GetString(15)));

    private static TriggerDetails Details(NpgsqlDataReader row) => new(
        row.GetString(5),
        row.GetFieldValue<string[]>(6),
        row.GetBoolean(7),
        row.GetBoolean(8),
        row.GetBoolean(9),
        row.GetString(10) is var function && function.StartsWith("public.", StringComparison.Ordinal) ? function["public.".Length..] : function,
        Purpose(row.TextOrNull(11)),
        new(row.GetString(12), row.GetString(13)),
        row.IsDBNull(16) ? null : row.GetInt64(16),
        row.IsDBNull(17) ? null : TimeSpan.FromMilliseconds(row.GetDouble(17)));

    // The comments begin so that psql's \df+ tells trigger functions apart; on a page of triggers it says nothing.
    private static string? Purpose(string? comment)
    {
        const string Kind = "Trigger function: ";
        return comment is not null && comment.StartsWith(Kind, StringComparison.Ordinal)
            ? char.ToUpperInvariant(comment[Kind.Length]) + comment[(Kind.Length + 1)..]
            : comment;
    }
}
