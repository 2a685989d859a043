using System.Globalization;
using Portal.Data.Replication;

namespace Portal.Web.Replication;

/// <summary>What was typed to find rows. Kept as typed, also when it makes no sense.</summary>
internal sealed record RowSearch
{
    public string? Id { get; set; }

    public string? Worker { get; set; }

    public string? Hospital { get; set; }

    public bool OnlyDifferences { get; set; }

    public bool IsEmpty => string.IsNullOrWhiteSpace(Id + Worker + Hospital) && !OnlyDifferences;

    public string? IdError => string.IsNullOrWhiteSpace(Id) || Number(Id) is not null
        ? null
        : "A timesheet's number has digits only, for example 1204.";

    /// <summary>Digits are a number, anything else is part of a name.</summary>
    public RowFilter ToFilter() => new(
        Number(Id), Number(Worker), Name(Worker), Number(Hospital), Name(Hospital), OnlyDifferences);

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static string? Name(string? text) =>
        string.IsNullOrWhiteSpace(text) || Number(text) is not null ? null : text.Trim();
}
