using System.Text.RegularExpressions;
using NodaTime.Text;
using Portal.Data.Replication;

namespace Portal.Web.Replication;

/// <summary>How entries of the audit log are said.</summary>
internal static partial class AuditWords
{
    public static string Name(string action) => action switch
    {
        "mode" => "Mode switched",
        "trigger enable" => "Trigger enabled",
        "trigger disable" => "Trigger disabled",
        "trigger reinstall" => "Trigger reinstalled",
        "import anew" => "Table imported anew",
        "leave out column" => "Column left out",
        "take in column" => "Column left out no longer",
        // Whatever else is noted says it in its own words.
        { Length: > 0 } => char.ToUpperInvariant(action[0]) + action[1..],
        _ => action,
    };

    /// <summary>Whether a change is better shown line by line.</summary>
    public static bool IsLong(AuditChange change) => (change.Before?.Length ?? 0) > 60 || (change.After?.Length ?? 0) > 60;

    /// <summary>What was noted, with its times as they are said elsewhere.</summary>
    public static string Value(string? value) => string.IsNullOrEmpty(value)
        ? "–"
        : Moment().Replace(value, found => OffsetDateTimePattern.ExtendedIso.Parse(found.Value) is { Success: true, Value: var at } ? ReplicationWords.At(at.ToInstant()) : found.Value);

    [GeneratedRegex(@"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")]
    private static partial Regex Moment();
}
