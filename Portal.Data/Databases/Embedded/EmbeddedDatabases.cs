using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Data.Databases.Embedded;

/// <summary>The pair of private clusters below the data directory. Several processes may use them at once; the first one
/// starts them, the last one stops them.</summary>
public sealed class EmbeddedDatabases : IAsyncDisposable
{
    private const string _new = "timesheet_new";
    private const string _old = "timesheet_old";
    private const string _portalNew = "portal_new";
    private const string _portalOld = "portal_old";
    private const string _replicator = "replicator_old";

    private readonly string _directory;
    private readonly Action<string> _say;
    private readonly FileLock? _portal;
    private readonly List<EmbeddedCluster> _clusters = [];
    private FileLock? _use;

    private EmbeddedDatabases(string directory, Action<string> say, FileLock? portal) => (_directory, _say, _portal) = (directory, say, portal);

    /// <summary>Connection strings and passwords, under the keys that one would set for servers of one's own.</summary>
    public IReadOnlyDictionary<string, string?> Configuration { get; private set; } = new Dictionary<string, string?>();

    /// <summary>Starts the clusters, or joins a process that has started them.</summary>
    /// <param name="asPortal">Only one process at a time may be the portal; the verbs beside it are not.</param>
    /// <param name="serverSettings">Further settings of the servers.</param>
    public static async Task<EmbeddedDatabases> StartAsync(
        EmbeddedSettings settings, bool asPortal, Action<string> say, CancellationToken cancellation,
        IReadOnlyDictionary<string, string>? serverSettings = null, PostgresSearch? search = null)
    {
        var account = await ServerAccount.ForThisProcessAsync(cancellation);
        var directory = await PrepareDirectoryAsync(settings.DataDirectory, account, say, cancellation);
        var databases = new EmbeddedDatabases(directory, say, asPortal ? BecomePortal(directory) : null);
        try
        {
            using var starting = await databases.LockStartAndStopAsync(cancellation);
            // Before the start, so that whoever stops knows of this process from now on.
            databases._use = FileLock.TryShare(Path.Combine(directory, "use.lock"));
            await databases.StartClustersAsync(
                account, search ?? PostgresSearch.OnThisMachine(settings.BinaryDirectory), serverSettings ?? new Dictionary<string, string>(), cancellation);
            return databases;
        }
        catch (UnauthorizedAccessException exception)
        {
            await databases.DisposeAsync();
            throw new SetupException(
                $"The portal's databases in {directory} belong to another account. Start the portal as that account, "
                + "remove the folder to begin anew, or set Embedded:DataDirectory to another one.", exception);
        }
        catch
        {
            await databases.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using (await LockStartAndStopAsync(CancellationToken.None))
        {
            _use?.Dispose();
            using var last = FileLock.TryTake(Path.Combine(_directory, "use.lock"));
            if (last is not null && _clusters.Count > 0)
            {
                _say("Stopping PostgreSQL ...");
                await Task.WhenAll(_clusters.Select(c => c.StopAsync()));
                _clusters.Clear();
            }
        }

        _portal?.Dispose();
    }

    private Task<FileLock> LockStartAndStopAsync(CancellationToken cancellation) =>
        FileLock.TakeAsync(Path.Combine(_directory, "start.lock"), () => _say("Waiting for another process that is starting or stopping the databases ..."), cancellation);

    private async Task StartClustersAsync(
        ServerAccount account, PostgresSearch search, IReadOnlyDictionary<string, string> serverSettings, CancellationToken cancellation)
    {
        var (newDirectory, oldDirectory) = (Path.Combine(_directory, "new"), Path.Combine(_directory, "old"));
        var major = EmbeddedCluster.MajorOf(newDirectory) ?? EmbeddedCluster.MajorOf(oldDirectory);
        var binaries = await PostgresBinaries.FindAsync(search, account, major, _say, cancellation);
        var services = Services(isNewCluster: major is null);

        var @new = new EmbeddedCluster(binaries, account, _new, newDirectory, services.Password(_new), serverSettings, _say);
        var old = new EmbeddedCluster(binaries, account, _old, oldDirectory, services.Password(_old), serverSettings, _say);
        _clusters.AddRange([@new, old]);
        await Task.WhenAll(@new.StartAsync(services.Port(_new), cancellation), old.StartAsync(services.Port(_old), cancellation));

        services.MoveTo(@new.Port, _new);
        services.MoveTo(old.Port, _old);
        services.Save();
        Configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:New"] = services.ConnectionString(_portalNew),
            ["ConnectionStrings:Old"] = services.ConnectionString(_portalOld),
            ["Migration:New"] = services.ConnectionString(_new),
            ["Migration:Old"] = services.ConnectionString(_old),
            ["Replication:ForeignServer:User"] = "replicator",
            ["Replication:ForeignServer:Password"] = services.Password(_replicator),
            ["Accounts:ShowDemoAccounts"] = "true",
        };
    }

    private ServiceFile Services(bool isNewCluster)
    {
        var path = Path.Combine(_directory, "pg_service.conf");
        var services = ServiceFile.Load(path);
        if (!isNewCluster && !(services.Has(_new) && services.Has(_old)))
        {
            throw new SetupException($"{path}, which holds the passwords of the databases in {_directory}, is missing or damaged. "
                + "Put it back, or remove the folder to begin anew.");
        }

        services.Ensure(_new, _new, EmbeddedCluster.Superuser);
        services.Ensure(_old, _old, EmbeddedCluster.Superuser);
        services.Ensure(_portalNew, _new, "portal");
        services.Ensure(_portalOld, _old, "portal");
        services.Ensure(_replicator, _old, "replicator");
        services.Save();
        return services;
    }

    private static FileLock BecomePortal(string directory)
    {
        var (lockFile, pidFile) = (Path.Combine(directory, "portal.lock"), Path.Combine(directory, "portal.pid"));
        if (FileLock.TryTake(lockFile) is { } taken)
        {
            File.WriteAllText(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return taken;
        }

        var other = File.Exists(pidFile) ? $" (process {File.ReadAllText(pidFile).Trim()})" : "";
        throw new SetupException(
            $"Another portal{other} is already running on the databases in {directory}. "
            + "Stop it first, or give this one a folder of its own with Embedded:DataDirectory.");
    }

    // The account that runs the servers must be able to walk to the folder, which it cannot below a closed home such as /root.
    private static async Task<string> PrepareDirectoryAsync(string wanted, ServerAccount account, Action<string> say, CancellationToken cancellation)
    {
        var directory = wanted;
        Create(directory, account);
        if (!await account.CanReachAsync(directory, cancellation))
        {
            var number = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(wanted)))[..8];
            directory = Path.Combine("/var/lib/portal", number);
            say($"The portal runs as root and its servers as '{account.Name}', who may not enter {wanted}. The databases are kept in {directory} instead.");
            Create(directory, account);
        }

        return directory;
    }

    private static void Create(string directory, ServerAccount account)
    {
        Directory.CreateDirectory(directory);
        if (account.Name is not null && !OperatingSystem.IsWindows())
        {
            // Others may pass through, not look around.
            File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }
}
