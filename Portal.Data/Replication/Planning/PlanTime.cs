using System.Globalization;
using NodaTime;

namespace Portal.Data.Replication.Planning;

/// <summary>Lengths of time as a person says them.</summary>
public static class PlanTime
{
    /// <summary>The two largest units, for example "2 days 3 h".</summary>
    public static string Say(Duration duration)
    {
        var seconds = Math.Max(0, (long)duration.TotalSeconds);
        (long Count, string Unit)[] parts =
        [
            (seconds / 86_400, seconds / 86_400 == 1 ? "day" : "days"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s"),
        ];
        var first = Array.FindIndex(parts, p => p.Count > 0);
        return first < 0
            ? "0 s"
            : string.Join(' ', parts.Skip(first).Take(2).Where(p => p.Count > 0).Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Count} {p.Unit}")));
    }
}
