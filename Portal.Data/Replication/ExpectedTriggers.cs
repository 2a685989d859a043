using System.Text.RegularExpressions;

namespace Portal.Data.Replication;

/// <summary>The triggers that the replication needs: those that its scripts create. The scripts are the only list there is.</summary>
public sealed partial class ExpectedTriggers
{
    private readonly Lazy<IReadOnlySet<(string Table, string Name)>> triggers;

    public ExpectedTriggers()
        : this(Path.Combine(AppContext.BaseDirectory, "db-scripts", "new", "replication"))
    {
    }

    public ExpectedTriggers(string directory) => triggers = new(() => Read(directory));

    /// <summary>Table (with its schema if that is not public) and name of each.</summary>
    public IReadOnlySet<(string Table, string Name)> All => triggers.Value;

    private static HashSet<(string, string)> Read(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*.sql")
            .SelectMany(file => CreateTrigger().Matches(File.ReadAllText(file)))
            .Select(m => (m.Groups["table"].Value, m.Groups["name"].Value))];

    [GeneratedRegex(@"^create (?:or replace )?(?:constraint )?trigger (?<name>\w+)\s[^;]*?\son (?:public\.)?(?<table>[\w.]+)",
        RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex CreateTrigger();
}
