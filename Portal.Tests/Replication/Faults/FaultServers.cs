using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Npgsql;
using Portal.Data.Databases;
using Portal.Data.Databases.Embedded;
using Portal.Tests.Support;

namespace Portal.Tests.Replication.Faults;

/// <summary>Two servers of one run's own, which it can kill, stop and start again.</summary>
internal sealed class FaultServers : IAsyncDisposable
{
    // They need not outlive a loss of power. But what was acknowledged has to outlive a kill, so commits wait for their write.
    private static readonly Dictionary<string, string> ServerSettings = new(PostgresClusters.Hasty) { ["synchronous_commit"] = "on" };

    private readonly string directory;
    private readonly EmbeddedDatabases databases;

    private FaultServers(string directory, EmbeddedDatabases databases, Server @new, Server old, MigrationSettings settings) =>
        (this.directory, this.databases, New, Old, Settings) = (directory, databases, @new, old, settings);

    public Server New { get; }

    public Server Old { get; }

    public MigrationSettings Settings { get; }

    public static async Task<FaultServers> StartAsync()
    {
        var directory = PostgresClusters.NewDirectory();
        var databases = await EmbeddedDatabases.StartAsync(
            new EmbeddedSettings(null, directory), asPortal: true, _ => { }, CancellationToken.None, ServerSettings, PostgresClusters.Search());
        var settings = MigrationSettings.From(new ConfigurationBuilder().AddInMemoryCollection(databases.Configuration).Build());
        await new Migration(settings, _ => { }).ApplyAsync(CancellationToken.None);
        var account = await ServerAccount.ForThisProcessAsync();
        var binaries = await PostgresBinaries.FindAsync(PostgresClusters.Search(), account, major: null, _ => { }, CancellationToken.None);

        Server Of(string name, string connectionString)
        {
            var login = new NpgsqlConnectionStringBuilder(connectionString);
            var folder = Path.Combine(directory, name);
            return new Server(
                new EmbeddedCluster(binaries, account, name, folder, login.Password ?? "", ServerSettings, _ => { }), folder, login.Port);
        }

        return new FaultServers(directory, databases, Of("new", settings.New), Of("old", settings.Old), settings);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        New.Continue();
        Old.Continue();
        await databases.DisposeAsync();
        PostgresClusters.Remove(directory);
    }

    /// <summary>One of the two.</summary>
    internal sealed class Server(EmbeddedCluster cluster, string folder, int port)
    {
        private int[] stopped = [];

        /// <summary>kill -9 of all its processes.</summary>
        public void Kill()
        {
            if (Postmaster.Of(folder) is { } main)
            {
                Signal("KILL", [main.ProcessId, .. Children(main.ProcessId)]);
            }
        }

        /// <summary>kill -9 of the process of one session: the server ends all others and recovers.</summary>
        public void Crash()
        {
            if (Postmaster.Of(folder) is { } main)
            {
                Signal("KILL", Children(main.ProcessId).Where(IsSession).Take(1).ToArray());
            }
        }

        /// <summary>Stops its processes where they are (SIGSTOP): all, or only the one that lets in.</summary>
        public void Stop(bool onlyMain)
        {
            if (Postmaster.Of(folder) is { } main)
            {
                Signal("STOP", [main.ProcessId]);
                stopped = onlyMain ? [main.ProcessId] : [main.ProcessId, .. Children(main.ProcessId)];
                Signal("STOP", stopped);
            }
        }

        public void Continue()
        {
            Signal("CONT", stopped);
            stopped = [];
        }

        /// <summary>Starts it where it was.</summary>
        public async Task StartAsync()
        {
            await cluster.StartAsync(port, CancellationToken.None);
            cluster.Port.ShouldBe(port, "somebody else took the port of a killed server");
        }

        private static int[] Children(int process)
        {
            try
            {
                return [.. File.ReadAllText($"/proc/{process}/task/{process}/children")
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => int.Parse(p, CultureInfo.InvariantCulture))];
            }
            catch (IOException)
            {
                return [];
            }
        }

        // As it shows itself: "postgres: replicator timesheet_old 127.0.0.1(5432) ...".
        private static bool IsSession(int process)
        {
            try
            {
                return File.ReadAllText($"/proc/{process}/cmdline").Contains(" timesheet_", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false;
            }
        }

        private static void Signal(string signal, int[] processes)
        {
            if (processes.Length > 0)
            {
                // One of them may have ended meanwhile.
                using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", .. processes.Select(p => $"{p}")]) { RedirectStandardError = true });
                kill?.WaitForExit();
            }
        }
    }
}
