using System.Text.Json;

namespace Portal.Data.Replication.Comparing;

/// <summary>The words in which the database keeps differences.</summary>
internal static class DifferenceWords
{
    public static Difference Kind(string word) => Enum.Parse<Difference>(word, ignoreCase: true);

    public static string Word(Difference kind) => kind switch
    {
        Difference.Missing => "missing",
        Difference.Extra => "extra",
        _ => "different",
    };

    public static DifferenceCause Cause(string word) => word switch
    {
        "queued" => DifferenceCause.Queued,
        "set_aside" => DifferenceCause.SetAside,
        "written_by_other" => DifferenceCause.WrittenByOther,
        "trigger_off" => DifferenceCause.TriggerOff,
        "left_out" => DifferenceCause.LeftOut,
        _ => DifferenceCause.Unknown,
    };

    public static string Word(DifferenceCause cause) => cause switch
    {
        DifferenceCause.Queued => "queued",
        DifferenceCause.SetAside => "set_aside",
        DifferenceCause.WrittenByOther => "written_by_other",
        DifferenceCause.TriggerOff => "trigger_off",
        DifferenceCause.LeftOut => "left_out",
        _ => "unknown",
    };

    /// <summary>Reads cells as they are kept, in the order of the columns; what is no column any more comes last.</summary>
    public static List<FoundCell> Cells(string json, IReadOnlyList<ComparedColumn> columns)
    {
        using var cells = JsonDocument.Parse(json);
        var order = columns.Select((column, place) => (column.Name, place)).ToDictionary(c => c.Name, c => c.place);
        return [.. cells.RootElement.EnumerateObject()
            .Select(c => new FoundCell(c.Name, Side(c.Value, "new"), Side(c.Value, "old")))
            .OrderBy(c => order.GetValueOrDefault(c.Column, int.MaxValue))];
    }

    /// <summary>Writes cells as they are kept.</summary>
    public static string Cells(FoundDifference difference) => JsonSerializer.Serialize(difference.Cells.ToDictionary(
        c => c.Column,
        c => difference.Kind switch
        {
            Difference.Missing => new Dictionary<string, string?> { ["new"] = c.New },
            Difference.Extra => new Dictionary<string, string?> { ["old"] = c.Old },
            _ => new Dictionary<string, string?> { ["new"] = c.New, ["old"] = c.Old },
        }));

    private static string? Side(JsonElement cell, string side) => cell.TryGetProperty(side, out var value) ? value.GetString() : null;
}
