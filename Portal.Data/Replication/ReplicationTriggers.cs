using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication;

/// <summary>The triggers that carry changes to the old database, from the catalogues of the new one.</summary>
public sealed class ReplicationTriggers(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    ILogger<ReplicationTriggers> log)
{
    // The bits of tgtype are those of PostgreSQL's catalog/pg_trigger.h.
    private const string Triggers = """
        select case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end,
               t.tgname,
               t.tgenabled::text,
               case when t.tgtype::integer & 2 <> 0 then 'before' when t.tgtype::integer & 64 <> 0 then 'instead of' else 'after' end,
               array_remove(array[
                   case when t.tgtype::integer & 4 <> 0 then 'insert' end,
                   case when t.tgtype::integer & 16 <> 0 then 'update' end,
                   case when t.tgtype::integer & 8 <> 0 then 'delete' end,
                   case when t.tgtype::integer & 32 <> 0 then 'truncate' end], null),
               t.tgtype::integer & 1 <> 0,
               t.tgdeferrable,
               t.tginitdeferred,
               case when fn.nspname = 'public' then p.proname else fn.nspname || '.' || p.proname end,
               coalesce(obj_description(t.oid, 'pg_trigger'), obj_description(p.oid, 'pg_proc')),
               pg_get_triggerdef(t.oid, true),
               pg_get_functiondef(p.oid)
          from pg_catalog.pg_trigger t
          join pg_catalog.pg_class c on c.oid = t.tgrelid
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          join pg_catalog.pg_proc p on p.oid = t.tgfoid
          join pg_catalog.pg_namespace fn on fn.oid = p.pronamespace
         where not t.tgisinternal and n.nspname in ('public', 'replication')
         order by 1, 2
        """;

    private const string Expected = """
        select case when table_name like 'public.%' then substr(table_name, 8) else table_name end, trigger_name
          from replication.expected_trigger
        """;

    /// <summary>Every trigger there, and every one that should be there and is not.</summary>
    public Task<Answer<TriggerReport>> List(Caller? caller, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, () => Read(cancel));

    internal async Task<TriggerReport> Read(CancellationToken cancel)
    {
        await using var connection = await newDatabase.OpenConnectionAsync(cancel);
        var expected = (await connection.Rows(Expected, row => (row.GetString(0), row.GetString(1)), cancel)).ToHashSet();
        var installed = await connection.Rows(Triggers, row => Trigger(row, expected), cancel);
        var missing = expected.Except(installed.Select(t => (t.Table, t.Name)))
            .Select(t => new ReplicationTrigger(t.Item1, t.Item2, TriggerState.Missing, true, null));

        // Those that need a hand come first.
        return new([.. installed.Concat(missing)
            .OrderByDescending(t => t.Replicates && !t.Fires)
            .ThenByDescending(t => t.Replicates)
            .ThenBy(t => t.Table, StringComparer.Ordinal)
            .ThenBy(t => t.Name, StringComparer.Ordinal)]);
    }

    private static ReplicationTrigger Trigger(NpgsqlDataReader row, HashSet<(string, string)> expected)
    {
        var (table, name, function) = (row.GetString(0), row.GetString(1), row.GetString(8));
        return new(
            table,
            name,
            row.GetString(2) switch
            {
                "D" => TriggerState.Disabled,
                "R" => TriggerState.Replica,
                "A" => TriggerState.Always,
                _ => TriggerState.Origin,
            },
            expected.Contains((table, name)) || function.StartsWith("replication.", StringComparison.Ordinal),
            new(
                row.GetString(3),
                row.GetFieldValue<string[]>(4),
                row.GetBoolean(5),
                row.GetBoolean(6),
                row.GetBoolean(7),
                function,
                Purpose(row.TextOrNull(9)),
                row.GetString(10),
                row.GetString(11)));
    }

    // The comments begin so that psql's \df+ tells trigger functions apart; on a page of triggers it says nothing.
    private static string? Purpose(string? comment)
    {
        const string Kind = "Trigger function: ";
        return comment is not null && comment.StartsWith(Kind, StringComparison.Ordinal)
            ? char.ToUpperInvariant(comment[Kind.Length]) + comment[(Kind.Length + 1)..]
            : comment;
    }
}
