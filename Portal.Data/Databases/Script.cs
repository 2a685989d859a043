using System.Security.Cryptography;
using System.Text;

namespace Portal.Data.Databases;

/// <summary>One file of <c>db-scripts</c>.</summary>
/// <param name="Name">Path below <c>db-scripts</c>, for example <c>new/replication/10_mapping.sql</c>.</param>
/// <param name="Text">What it holds.</param>
/// <param name="IsReplaceable">Run again whenever its text changes; otherwise once.</param>
public sealed record Script(string Name, string Text, bool IsReplaceable)
{
    public const string Bootstrap = "bootstrap.sql";

    /// <summary>Folder the scripts are copied to when the portal is built.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "db-scripts");

    /// <summary>What the journal says when it has run. A replaceable script is another one when its text is.</summary>
    public string JournalName => IsReplaceable ? $"{Name} {Hash}" : Name;

    private string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))[..16];

    /// <summary>The scripts of one database in the order they run in: numbered ones first, then those in its sub-folders.</summary>
    public static IReadOnlyList<Script> Of(string database, string? folder = null)
    {
        var root = Path.Combine(folder ?? Folder, database);
        return
        [
            .. Directory.EnumerateFiles(root, "*.sql", SearchOption.AllDirectories)
                .Where(file => Path.GetFileName(file) != Bootstrap)
                .Select(file => Read(file, $"{database}/{Path.GetRelativePath(root, file).Replace('\\', '/')}", isReplaceable: Path.GetDirectoryName(file) != root))
                .OrderBy(script => script.IsReplaceable)
                .ThenBy(script => script.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>The script that needs a superuser.</summary>
    public static Script BootstrapOf(string database) =>
        Read(Path.Combine(Folder, database, Bootstrap), $"{database}/{Bootstrap}", isReplaceable: true);

    // A checkout on Windows may have other line ends; that is no change of the script.
    private static Script Read(string file, string name, bool isReplaceable) =>
        new(name, File.ReadAllText(file).ReplaceLineEndings("\n"), isReplaceable);
}
