using System.Diagnostics;

namespace Portal.Data.Databases.Embedded;

/// <summary>Who runs the server's programs: oneself or, because PostgreSQL refuses root, another account when the process is root.</summary>
/// <param name="Name">The other account; null: oneself.</param>
/// <param name="Launcher">Command that turns into the other account, up to the program's name.</param>
public sealed record ServerAccount(string? Name, IReadOnlyList<string> Launcher)
{
    public static ServerAccount Oneself { get; } = new(null, []);

    public static async Task<ServerAccount> ForThisProcessAsync(CancellationToken cancellation = default)
    {
        // On Windows, pg_ctl and initdb give up an administrator's rights themselves.
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            return Oneself;
        }

        foreach (var name in (string[])["postgres", "nobody"])
        {
            var id = await Programs.RunAsync(new ProcessStartInfo("id", ["-g", name]), cancellation);
            if (!id.Succeeded)
            {
                continue;
            }

            foreach (var launcher in Launchers(name, id.Output.Trim()))
            {
                var test = await Programs.RunAsync(new ProcessStartInfo(launcher[0], [.. launcher.Skip(1), "true"]), cancellation);
                if (test.Succeeded)
                {
                    return new ServerAccount(name, launcher);
                }
            }
        }

        throw new SetupException(
            "The portal runs as root, PostgreSQL refuses to, and no way was found to run it as 'postgres' or 'nobody' "
            + "(tried setpriv, runuser and su). Start the portal as an ordinary user.");
    }

    /// <summary>The program, to be run under this account.</summary>
    public ProcessStartInfo Command(string program, params IEnumerable<string> arguments)
    {
        string[] words = [.. Launcher, program, .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..]);
        if (Name is not null)
        {
            // The other account may not be allowed where the portal was started.
            start.WorkingDirectory = "/";
        }

        foreach (var key in start.Environment.Keys.Where(k => k.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(key);
        }

        start.Environment["LC_ALL"] = "C";
        return start;
    }

    /// <summary>Hands a file or folder over to this account.</summary>
    public async Task OwnAsync(string path, CancellationToken cancellation)
    {
        if (Name is not null)
        {
            (await Programs.RunAsync(new ProcessStartInfo("chown", ["-R", Name, path]), cancellation)).OrThrow($"{path} could not be given to {Name}");
        }
    }

    /// <summary>Whether this account gets as far as this folder.</summary>
    public async Task<bool> CanReachAsync(string directory, CancellationToken cancellation) =>
        Name is null || (await Programs.RunAsync(Command("test", "-x", directory), cancellation)).Succeeded;

    private static IEnumerable<string[]> Launchers(string name, string group) =>
    [
        ["setpriv", $"--reuid={name}", $"--regid={group}", "--init-groups", "--"],
        ["runuser", "-u", name, "--"],
        ["su", "-s", "/bin/sh", name, "-c", "exec \"$0\" \"$@\"", "--"],
    ];
}
