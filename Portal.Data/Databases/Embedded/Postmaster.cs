using System.Diagnostics;
using System.Globalization;

namespace Portal.Data.Databases.Embedded;

/// <summary>The main process of a running server, as its data directory tells of it.</summary>
internal sealed record Postmaster(int ProcessId, int Port)
{
    /// <summary>The server that runs on this data directory.</summary>
    /// <returns>Null if none does, also when a file is left from one that was killed.</returns>
    public static Postmaster? Of(string directory)
    {
        // postmaster.pid: process, data directory, start time, port, ...; the port comes a moment after the process.
        var file = Path.Combine(directory, "postmaster.pid");
        if (!File.Exists(file)
            || File.ReadAllLines(file) is not [var processId, _, _, var port, ..]
            || !int.TryParse(processId, CultureInfo.InvariantCulture, out var id)
            || !int.TryParse(port, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        return IsServer(id, file) ? new Postmaster(id, number) : null;
    }

    /// <summary>Removes the file that a killed server left if its process number now belongs to a program that is not
    /// this server: after a restart of the machine a server would refuse to start because of it.</summary>
    public static void ForgetIfStale(string directory)
    {
        var file = Path.Combine(directory, "postmaster.pid");
        if (File.Exists(file)
            && int.TryParse(File.ReadLines(file).FirstOrDefault(), CultureInfo.InvariantCulture, out var id)
            && IsAlive(id, out _)
            && !IsServer(id, file))
        {
            File.Delete(file);
        }
    }

    private static bool IsServer(int id, string file)
    {
        if (!IsAlive(id, out var name) || !name.StartsWith("postgres", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        try
        {
            // A server works inside its data directory.
            return File.ReadAllText($"/proc/{id}/cwd/postmaster.pid") == File.ReadAllText(file);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool IsAlive(int id, out string name)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            name = process.ProcessName;
            return !process.HasExited;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            name = "";
            return false;
        }
    }
}
