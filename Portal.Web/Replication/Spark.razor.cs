using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Data.Replication;

namespace Portal.Web.Replication;

/// <summary>A line over the last hour or day, with gaps where nobody looked.</summary>
public sealed partial class Spark
{
    private const int Width = 240;
    private const int Height = 36;

    private readonly List<(string Line, string Area)> stretches = [];
    private string label = "";
    private string caption = "";

    /// <summary>What it shows, for example "Changes waiting".</summary>
    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [Parameter, EditorRequired]
    public required HistoryReport History { get; set; }

    /// <summary>The figure; null where there is none.</summary>
    [Parameter, EditorRequired]
    public required Func<Sample, double?> Of { get; set; }

    /// <summary>How the figure is written.</summary>
    [Parameter]
    public Func<double, string> Write { get; set; } = value => ReplicationWords.Number((long)Math.Round(value));

    /// <summary>What is said of the greatest figure.</summary>
    [Parameter]
    public Func<double, string>? Summarise { get; set; }

    protected override void OnParametersSet()
    {
        var values = History.Samples.Select(s => s is null ? null : Of(s)).ToList();
        var most = values.Max() ?? 0;
        var span = History.Span == HistorySpan.Hour ? "last hour" : "last day";
        caption = values.Any(v => v is not null) ? $"{span}, {Summarise?.Invoke(most) ?? $"at most {Write(most)}"}" : $"{span}: no figures yet";
        label = $"{Label}, {caption}";

        stretches.Clear();
        for (var start = 0; start < values.Count; start++)
        {
            var end = start;
            while (end < values.Count && values[end] is not null)
            {
                end++;
            }

            if (end > start)
            {
                Add(values, start, end, most);
                start = end;
            }
        }
    }

    private void Add(List<double?> values, int start, int end, double most)
    {
        var step = (double)Width / Math.Max(values.Count - 1, 1);
        var points = Enumerable.Range(start, end - start)
            .Select(n => string.Create(CultureInfo.InvariantCulture, $"{n * step:0.#} {Y(values[n] ?? 0, most):0.#}")).ToList();
        // A single look is a dot, which a line has to be long enough to be seen as.
        var last = end - start == 1 ? string.Create(CultureInfo.InvariantCulture, $"h{step:0.#}") : "";
        var line = $"M{string.Join("L", points)}{last}";
        stretches.Add((line, string.Create(CultureInfo.InvariantCulture, $"{line}V{Height}H{start * step:0.#}Z")));
    }

    // A line of zeros lies on the floor and can still be seen.
    private static double Y(double value, double most) => most <= 0 ? Height - 1 : Height - 1 - (value / most * (Height - 3));
}
