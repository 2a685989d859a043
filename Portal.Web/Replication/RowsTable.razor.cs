using System.Text;
using Microsoft.AspNetCore.Components;
using Portal.Data.Replication;

namespace Portal.Web.Replication;

/// <summary>Timesheets in both databases, differing cells marked by words and colour.</summary>
public sealed partial class RowsTable : ComponentBase
{
    // What tells one timesheet from another; the first to be shown where there is little room.
    private static readonly HashSet<string> Telling = ["worker_name", "hospital_name", "status", "shift_date"];

    private readonly HashSet<long> opened = [];

    [Parameter, EditorRequired]
    public required ComparedPage Page { get; set; }

    private List<(ComparedColumn Column, int Index)> Shown { get; set; } = [];

    // The number itself stands before the row.
    protected override void OnParametersSet() =>
        Shown = [.. Page.Columns.Select((column, index) => (column, index)).Where(c => c.column.Name != "id")];

    private void Toggle(long id)
    {
        if (!opened.Remove(id))
        {
            opened.Add(id);
        }
    }

    private static string Title(ComparedColumn column) => column.Name.Replace('_', ' ');

    private string Css(ComparedRow row) => row.Difference switch
    {
        Difference.Same => "same",
        Difference.Missing => "missing",
        Difference.Extra => "extra",
        _ => "different",
    } + (opened.Contains(row.Id) ? " open" : "");

    private static string CellCss(ComparedColumn column, ComparedCell cell) => string.Join(' ',
        new[]
        {
            cell.Differs ? "differs" : "equal",
            column.IsNumber ? "number" : null,
            Telling.Contains(column.Name) ? "telling" : null,
        }.Where(c => c is not null));

    private static string Word(ComparedCell cell) =>
        cell is { New: { } fresh, Old: { } old } && LooksAlike(fresh) == LooksAlike(old) ? "differs in spaces or signs" : "differs";

    private static string LooksAlike(string text) =>
        string.Join(' ', text.Normalize(NormalizationForm.FormKC).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
