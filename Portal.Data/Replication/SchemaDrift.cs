using NodaTime;

namespace Portal.Data.Replication;

/// <summary>What is the matter with a column of an old table.</summary>
public enum ColumnFinding
{
    /// <summary>In the imported picture, and not in the old table.</summary>
    Missing,

    /// <summary>In the old table, and not in the picture.</summary>
    Extra,

    /// <summary>Not in the picture on purpose: nothing is the matter.</summary>
    LeftOut,

    /// <summary>Of another type than in the picture.</summary>
    Type,

    /// <summary>Null is allowed on one side only.</summary>
    Nullability,

    /// <summary>At another place among the columns that both have.</summary>
    Order,

    /// <summary>The mapping shows it, and the old table does not have it.</summary>
    Unmapped,

    /// <summary>The mapping shows it with another type than the old table has.</summary>
    MappedType,

    /// <summary>The mapping shows it at another place than the picture has it.</summary>
    MappedOrder,

    /// <summary>The old table wants a value, and the mapping has none.</summary>
    Required,

    /// <summary>In the picture, though the mapping does not show it.</summary>
    Unshown,
}

/// <summary>A column on one side.</summary>
public sealed record SideColumn(long Position, string Type, bool NotNull);

/// <summary>A column of an old table as it was imported, as it is, and as the mapping shows it.</summary>
/// <param name="Name">Its name in the old table.</param>
/// <param name="Here">As it was imported; null when it was not.</param>
/// <param name="There">As the old table has it; null when it does not.</param>
/// <param name="ShownType">Its type in the mapping's view; null where that does not show it.</param>
/// <param name="LeftOutReason">Why it is left out of the picture on purpose; null when it is not.</param>
public sealed record DriftColumn(
    string Name, SideColumn? Here, SideColumn? There, string? ShownType, string? LeftOutReason, IReadOnlyList<ColumnFinding> Findings)
{
    public bool IsDrift => Findings.Any(f => f != ColumnFinding.LeftOut);

    /// <summary>Whether it can be left out of the picture: nothing reads it through the mapping.</summary>
    public bool CanBeLeftOut => ShownType is null && There is not null && LeftOutReason is null;
}

/// <summary>An imported table and what it is a picture of.</summary>
/// <param name="ForeignTable">The picture, schema-qualified.</param>
/// <param name="RemoteTable">The old table, schema-qualified.</param>
public sealed record TableDrift(string ForeignTable, string RemoteTable, IReadOnlyList<DriftColumn> Columns)
{
    public bool IsDrift => Columns.Any(c => c.IsDrift);

    /// <summary>Whether the old table is not there under its name.</summary>
    public bool IsGone => Columns.All(c => c.There is null);
}

/// <summary>All imported tables, as of the last look at the old database.</summary>
/// <param name="SeenAt">When that was; null when there was none.</param>
public sealed record SchemaReport(Instant? SeenAt, IReadOnlyList<TableDrift> Tables);

/// <summary>What the old database says of itself.</summary>
/// <param name="Version">Its server's version.</param>
/// <param name="ClockSkew">How far its clock is ahead of the new database's; exact to half of <paramref name="ClockError"/>.</param>
/// <param name="ClockError">How long it took to ask.</param>
/// <param name="Writer">Who the replication is there.</param>
/// <param name="Rights">What that role may do with each table.</param>
public sealed record OldSide(string Version, TimeSpan ClockSkew, TimeSpan ClockError, string Writer, IReadOnlyList<TableRights> Rights);

/// <summary>What the replication's role may do with an old table.</summary>
/// <param name="Table">Schema-qualified.</param>
/// <param name="Granted">select, insert, update, delete.</param>
/// <param name="Lacking">Of what it needs.</param>
public sealed record TableRights(string Table, IReadOnlyList<string> Granted, IReadOnlyList<string> Lacking);
