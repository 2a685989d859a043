using Portal.Data.Replication;

namespace Portal.Web.Replication;

/// <summary>How entries of the audit log are said.</summary>
internal static class AuditWords
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

    public static string Value(string? value) => string.IsNullOrEmpty(value) ? "–" : value;
}
