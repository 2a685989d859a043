using Portal.Data.Replication;

namespace Portal.Web.Replication;

/// <summary>How differences between the imported picture and the old tables are said.</summary>
internal static class SchemaWords
{
    public static string Name(ColumnFinding finding) => finding switch
    {
        ColumnFinding.Missing => "Gone from the old table",
        ColumnFinding.Extra => "Not imported",
        ColumnFinding.LeftOut => "Left out on purpose",
        ColumnFinding.Type => "Other type",
        ColumnFinding.Nullability => "Null differs",
        ColumnFinding.Order => "Other place",
        ColumnFinding.Unmapped => "Mapping shows it",
        ColumnFinding.MappedType => "Mapping has another type",
        ColumnFinding.MappedOrder => "Mapping has another order",
        ColumnFinding.Required => "Value required",
        _ => "Mapping lacks it",
    };

    public static Tone Tone(ColumnFinding finding) => finding switch
    {
        ColumnFinding.LeftOut => Replication.Tone.Neutral,
        ColumnFinding.Extra or ColumnFinding.Nullability or ColumnFinding.Order => Replication.Tone.Warning,
        _ => Replication.Tone.Bad,
    };

    /// <summary>What will break, or that nothing does.</summary>
    public static string Effect(DriftColumn column, ColumnFinding finding) => finding switch
    {
        ColumnFinding.Missing => "Reading the old rows fails: comparison and the continuous check stop until it is imported anew.",
        ColumnFinding.Extra => "Nothing breaks, and it is not imported as long as the mapping does not show it. Leave it out, so that it counts as meant.",
        ColumnFinding.LeftOut => $"Nothing breaks. Left out because: {column.LeftOutReason}",
        ColumnFinding.Type => $"Old rows are read as {column.Here?.Type}: values that do not fit it fail, others may look different though they are the same.",
        ColumnFinding.Nullability when column.There is { NotNull: true } => "Rows without a value here are refused by the old table and set aside.",
        ColumnFinding.Nullability => "Searches for empty values may miss rows until it is imported anew.",
        ColumnFinding.Order => "Nothing breaks before it is imported anew.",
        ColumnFinding.Unmapped => "Every delivery to this table fails: changes are kept and wait. Rename it back, or let the mapping follow by a script.",
        ColumnFinding.MappedType => $"Values are delivered as {column.ShownType} and converted: those that do not fit are refused and set aside.",
        ColumnFinding.MappedOrder => "Comparison goes by the order of columns: let the mapping have them in the order of the picture.",
        ColumnFinding.Required => "New rows are refused by the old table and set aside: give it a default there, or let the mapping show it.",
        _ => "The continuous check finds every row different. Leave it out, or let the mapping show it.",
    };

    public static string Place(SideColumn? side) =>
        side is null ? "–" : $"{side.Position}. {side.Type}{(side.NotNull ? ", not null" : "")}";

    /// <summary>How a table stands, in a few words.</summary>
    public static string Sentence(TableDrift table) => table switch
    {
        { IsGone: true } => "The old table is not there",
        { IsDrift: false } => "As imported",
        _ => table.Columns.Count(c => c.IsDrift) is var count && count == 1 ? "1 column differs" : $"{count} columns differ",
    };

    public static string Skew(OldSide old) => Math.Abs(old.ClockSkew.TotalMilliseconds) <= Math.Max(5, old.ClockError.TotalMilliseconds)
        ? "the same"
        : $"{ReplicationWords.Milliseconds(old.ClockSkew.Duration())} {(old.ClockSkew > TimeSpan.Zero ? "ahead" : "behind")}";
}
