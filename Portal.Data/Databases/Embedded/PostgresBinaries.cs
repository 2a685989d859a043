using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Data.Databases.Embedded;

/// <summary>The programs of a PostgreSQL server that can run the portal's databases.</summary>
/// <param name="Directory">Folder of <c>initdb</c>, <c>pg_ctl</c> and <c>postgres</c>.</param>
/// <param name="Version">As the server says it, for example 18.4.</param>
public sealed partial record PostgresBinaries(string Directory, string Version)
{
    public const int OldestMajor = 15;
    public const int NewestMajor = 18;

    private static readonly string[] _programs = ["initdb", "pg_ctl", "postgres"];
    private static readonly string[] _extensions = ["postgres_fdw", "btree_gist"];

    public int Major => int.Parse(Version.Split('.')[0], CultureInfo.InvariantCulture);

    public string Initdb => Path.Combine(Directory, Executable("initdb"));

    public string PgCtl => Path.Combine(Directory, Executable("pg_ctl"));

    /// <summary>Looks in the order: the configured folder and nothing else; the folders of installed servers, the newest
    /// version first; the npm package.</summary>
    /// <param name="major">Version of clusters that exist already; null: any.</param>
    /// <exception cref="SetupException">Nothing found; names the ways out.</exception>
    public static async Task<PostgresBinaries> FindAsync(
        PostgresSearch search, ServerAccount account, int? major, Action<string> say, CancellationToken cancellation)
    {
        if (search.BinaryDirectory is { } configured)
        {
            var (binaries, whyNot) = await InspectAsync(configured, account, major, cancellation);
            return binaries ?? throw new SetupException($"Embedded:BinaryDirectory cannot be used: {configured} {whyNot}.");
        }

        var found = new List<PostgresBinaries>();
        var rejected = new List<string>();
        foreach (var folder in search.Folders.Select(Resolve).OfType<string>().Distinct())
        {
            var (binaries, whyNot) = await InspectAsync(folder, account, major, cancellation);
            if (binaries is null)
            {
                rejected.Add($"{folder} {whyNot}");
            }
            else
            {
                found.Add(binaries);
            }
        }

        if (found.MaxBy(b => b.Major) is { } newest)
        {
            return newest;
        }

        var (package, noPackage) = await search.Package.FetchAsync(say, cancellation);
        if (package is not null)
        {
            var (binaries, whyNot) = await InspectAsync(package, account, major, cancellation);
            if (binaries is not null)
            {
                return binaries;
            }

            noPackage = $"{package} {whyNot}";
        }

        throw new SetupException(NothingFound(rejected, noPackage, major));
    }

    /// <summary>Looks at one folder.</summary>
    /// <returns>The server there, or what is wrong with it, to be said after the folder's name.</returns>
    internal static async Task<(PostgresBinaries? Binaries, string? WhyNot)> InspectAsync(
        string directory, ServerAccount account, int? major, CancellationToken cancellation)
    {
        if (_programs.FirstOrDefault(p => !File.Exists(Path.Combine(directory, Executable(p)))) is { } missing)
        {
            return (null, $"has no {missing}");
        }

        var version = await Programs.RunAsync(account.Command(Path.Combine(directory, Executable("postgres")), "--version"), cancellation);
        if (VersionPattern().Match(version.Output) is not { Success: true } match)
        {
            return (null, account.Name is null ? "cannot be run" : $"cannot be run by '{account.Name}'");
        }

        var binaries = new PostgresBinaries(directory, match.Value);
        if (binaries.Major is < OldestMajor or > NewestMajor)
        {
            return (null, $"is PostgreSQL {binaries.Version}, not {OldestMajor} to {NewestMajor}");
        }

        if (major is not null && major != binaries.Major)
        {
            return (null, $"is PostgreSQL {binaries.Version}, not {major}");
        }

        // Where the extensions are differs by distribution; initdb knows.
        var show = await Programs.RunAsync(account.Command(binaries.Initdb, "--show", "-D", Path.GetTempPath()), cancellation);
        var share = SharePattern().Match(show.Output).Groups["path"].Value.Trim();
        return _extensions.FirstOrDefault(e => !File.Exists(Path.Combine(share, "extension", e + ".control"))) is { } lacking
            ? (null, $"lacks the extension {lacking}")
            : (binaries, null);
    }

    // Folders on PATH often hold links only; the server looks for its libraries beside the real programs.
    private static string? Resolve(string folder)
    {
        var initdb = Path.Combine(folder, Executable("initdb"));
        if (!File.Exists(initdb))
        {
            return null;
        }

        var real = Path.GetDirectoryName(File.ResolveLinkTarget(initdb, returnFinalTarget: true)?.FullName) ?? folder;
        return _programs.All(p => File.Exists(Path.Combine(real, Executable(p)))) ? real : folder;
    }

    private static string Executable(string program) => OperatingSystem.IsWindows() ? program + ".exe" : program;

    private static string NothingFound(List<string> rejected, string? noPackage, int? major)
    {
        var wanted = major is null ? $"PostgreSQL {OldestMajor} to {NewestMajor}" : $"PostgreSQL {major} (the version that made the existing databases)";
        var seen = rejected.Count == 0 ? "" : "\nFound, but not usable:\n" + string.Concat(rejected.Select(r => $"  {r}\n"));
        return $"""
            No server for the portal's own databases was found: {wanted}, with the extensions postgres_fdw and btree_gist.
            {seen}
            Do one of these and start again:
              1. Install it where it usually goes. Debian: apt install postgresql postgresql-contrib. Homebrew: brew install postgresql@18.
              2. Install Node.js, so that npm can fetch one. (Now: {noPackage ?? "not tried"}.)
              3. Set Embedded:BinaryDirectory to the folder of its initdb and postgres.
            Or set ConnectionStrings:New and ConnectionStrings:Old to use servers that are running already.
            """;
    }

    [GeneratedRegex(@"(?<=PostgreSQL\) )\d+[\d.]*")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"^share_path=(?<path>.*)$", RegexOptions.Multiline)]
    private static partial Regex SharePattern();
}
