using Portal.Data.Replication;
using Portal.Web.Replication;

namespace Portal.Web.Commands;

// What `sync servers` says.
internal sealed partial class SyncOutput
{
    public int Servers(Answer<ServerReport> answer)
    {
        if (answer.Value is not { } report)
        {
            return CouldNot(answer.Trouble);
        }

        if (json)
        {
            Write(SyncServersJson.From(report));
        }
        else
        {
            WriteServers(report);
        }

        return !report.Directly.Reachable || report.Servers.Count == 0 || report.Servers.Any(s => s.Reach is { Reachable: false }) ? ExitCodes.CouldNot
            : report.Schema.Tables.Any(t => t.IsDrift) || report.Old is null || report.Old.Rights.Any(r => r.Lacking.Count > 0) ? ExitCodes.Differences
            : ExitCodes.Done;
    }

    public int Import(string table, Answer<IReadOnlyList<string>> preview, bool done)
    {
        if (preview.Value is not { } steps)
        {
            return CouldNot(preview.Trouble);
        }

        if (json)
        {
            Write(new { table, done, statements = steps });
        }
        else
        {
            foreach (var step in steps)
            {
                output.WriteLine($"{step};");
            }

            output.WriteLine(done ? $"{table} was imported anew." : "Nothing was changed (--dry-run).");
        }

        return ExitCodes.Done;
    }

    private void WriteServers(ServerReport report)
    {
        foreach (var server in report.Servers)
        {
            Line(server.Name, Reached(server.Reach));
        }

        Line("Directly", Reached(report.Directly));
        if (report.Old is { } old)
        {
            Line("Old server", $"PostgreSQL {old.Version}; its clock: {SchemaWords.Skew(old)}");
            foreach (var rights in old.Rights)
            {
                Line("", $"{old.Writer} on {rights.Table}: {(rights.Lacking.Count == 0 ? $"may {string.Join(", ", rights.Granted)}" : $"may not {string.Join(", ", rights.Lacking)}")}");
            }
        }

        foreach (var table in report.Schema.Tables)
        {
            output.WriteLine($"{table.ForeignTable}: {SchemaWords.Sentence(table)}");
            if (table.IsDrift)
            {
                TextTable.Write(output, ["column", "imported", "old table now", "what follows"], [.. table.Columns.SelectMany(c => c.Findings.Select(f => (string[])
                    [c.Name, SchemaWords.Place(c.Here), SchemaWords.Place(c.There), SchemaWords.Effect(c, f)]))]);
            }
        }

        static string Reached(Reach? reach) => reach switch
        {
            null => "has no table that the portal may read",
            { Trouble: { } trouble } => $"{trouble.Summary} {trouble.Check}",
            { Latency: { } latency } => $"reachable; one read takes {ReplicationWords.Milliseconds(latency)}",
            _ => "reachable",
        };
    }
}

internal sealed record SyncServersJson(IReadOnlyList<ServerJson> Servers, ReachJson Directly, OldSideJson? OldServer, IReadOnlyList<TableJson> Tables)
{
    public static SyncServersJson From(ServerReport report) => new(
        [.. report.Servers.Select(s => new ServerJson(s.Name, s.Options.ToDictionary(o => o.Name, o => o.Value),
            [.. s.UserMappings.Select(m => new MappingJson(m.LocalRole, m.RemoteUser))], Reached(s.Reach)))],
        Reached(report.Directly),
        report.Old is { } old ? new(old.Version, old.ClockSkew.TotalMilliseconds, old.Writer, [.. old.Rights.Select(r => new RightsJson(r.Table, r.Granted, r.Lacking))]) : null,
        [.. report.Schema.Tables.Select(t => new TableJson(t.ForeignTable, t.RemoteTable, t.IsDrift,
            [.. t.Columns.Select(c => new ColumnJson(c.Name, c.Here?.Type, c.There?.Type, c.ShownType, c.LeftOutReason, c.Findings))]))]);

    private static ReachJson Reached(Reach? reach) =>
        new(reach is { Reachable: true }, reach?.Latency?.TotalMilliseconds, reach?.Trouble?.Summary, reach?.Trouble?.Check, reach?.Trouble?.Code);
}

internal sealed record ServerJson(string Name, IReadOnlyDictionary<string, string> Options, IReadOnlyList<MappingJson> UserMappings, ReachJson Reach);

internal sealed record MappingJson(string LocalRole, string? RemoteUser);

internal sealed record OldSideJson(string Version, double ClockSkewMs, string Writer, IReadOnlyList<RightsJson> Rights);

internal sealed record RightsJson(string Table, IReadOnlyList<string> Granted, IReadOnlyList<string> Lacking);

internal sealed record TableJson(string ForeignTable, string OldTable, bool Drift, IReadOnlyList<ColumnJson> Columns);

internal sealed record ColumnJson(string Name, string? Imported, string? Old, string? Mapping, string? LeftOutBecause, IReadOnlyList<ColumnFinding> Findings);
