namespace Portal.Web.Commands;

/// <summary>Columns of text below one another.</summary>
internal static class TextTable
{
    public static void Write(TextWriter output, string[] titles, IReadOnlyList<string[]> rows)
    {
        // A line break inside a value would tear the table apart.
        string[][] lines = [titles, .. rows.Select(r => r.Select(c => c.ReplaceLineEndings(" ")).ToArray())];
        var widths = titles.Select((_, column) => lines.Max(l => l[column].Length)).ToArray();
        foreach (var line in lines)
        {
            output.WriteLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
