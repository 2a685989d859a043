namespace Portal.Tests.Databases;

/// <summary>Folders that look like installed PostgreSQL servers: their programs only say their version and where their files are.</summary>
internal sealed class ServerFolders : IDisposable
{
    private static readonly UnixFileMode _open = (UnixFileMode)0b111_101_101;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("portal-servers-");

    public ServerFolders()
    {
        if (!OperatingSystem.IsWindows())
        {
            _root.UnixFileMode = _open;
        }
    }

    /// <summary>A folder that is free to use.</summary>
    public string New(string name) => _root.CreateSubdirectory(name).FullName;

    /// <summary>A server of this version.</summary>
    /// <returns>Folder of its programs.</returns>
    public string Install(string version, bool withContrib = true)
    {
        var share = New($"{version}/share");
        foreach (var extension in withContrib ? ["postgres_fdw", "btree_gist"] : Array.Empty<string>())
        {
            File.WriteAllText(Path.Combine(New($"{version}/share/extension"), extension + ".control"), "");
        }

        var bin = New($"{version}/bin");
        Program(bin, "postgres", $"echo 'postgres (PostgreSQL) {version}'");
        Program(bin, "initdb", $"echo 'share_path={share}' >&2");
        Program(bin, "pg_ctl", "exit 0");
        return bin;
    }

    /// <summary>A folder with links to the programs of another one.</summary>
    public string LinkTo(string bin)
    {
        var links = New("links");
        foreach (var program in Directory.EnumerateFiles(bin))
        {
            File.CreateSymbolicLink(Path.Combine(links, Path.GetFileName(program)), program);
        }

        return links;
    }

    /// <summary>A program that is a few lines of shell.</summary>
    public static string Program(string folder, string name, string script)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, _open);
        }

        return file;
    }

    public void Dispose() => _root.Delete(recursive: true);
}
