namespace Portal.Data.Databases.Embedded;

/// <summary>Where to look for a PostgreSQL server.</summary>
/// <param name="BinaryDirectory">The one folder to use; null: look in the others.</param>
/// <param name="Folders">Folders that may hold an installed server.</param>
/// <param name="Package">The last resort.</param>
public sealed record PostgresSearch(string? BinaryDirectory, IReadOnlyList<string> Folders, PostgresPackage Package)
{
    // A star stands for anything within one name.
    private static readonly string[] _usualFolders =
    [
        "/usr/lib/postgresql/*/bin", // Debian, Ubuntu
        "/usr/pgsql-*/bin", // Red Hat, packages of postgresql.org
        "/opt/homebrew/opt/postgresql*/bin",
        "/usr/local/opt/postgresql*/bin",
        "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
        "/Applications/Postgres.app/Contents/Versions/*/bin",
        @"C:\Program Files\PostgreSQL\*\bin",
    ];

    public static PostgresSearch OnThisMachine(string? binaryDirectory) =>
        new(binaryDirectory, [.. OnPath(), .. _usualFolders.SelectMany(Expand)], PostgresPackage.ForThisMachine());

    private static IEnumerable<string> OnPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(Path.IsPathRooted);

    private static IEnumerable<string> Expand(string pattern)
    {
        var parts = pattern.Split('/', '\\');
        var star = Array.FindIndex(parts, p => p.Contains('*'));
        var parent = string.Join(Path.DirectorySeparatorChar, parts[..star]);
        return Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, parts[star]).Select(d => Path.Combine([d, .. parts[(star + 1)..]])).Where(Directory.Exists)
            : [];
    }
}
