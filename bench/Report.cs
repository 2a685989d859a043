using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portal.Bench;

/// <summary>What was measured, on what, as a table for people and as JSON.</summary>
internal sealed record Report(DateTimeOffset At, string Postgres, string Machine, string Clients, Scale Scale, IReadOnlyList<Figure> Figures)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public bool AllMet => Figures.All(f => f.Verdict != Verdict.Missed);

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public string ToMarkdown() => string.Join('\n',
    [
        "| work | no replication | article's trigger | engine | target | verdict |",
        "|---|---|---|---|---|---|",
        .. Figures.Select(f => $"| {f.Work} | {f.None} | {f.Article} | {f.Engine} | {f.Target} | {Word(f.Verdict)} |"),
    ]);

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Met => "met",
        Verdict.Missed => "**missed**",
        _ => "not judged",
    };
}
