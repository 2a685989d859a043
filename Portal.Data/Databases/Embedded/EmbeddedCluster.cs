using Npgsql;

namespace Portal.Data.Databases.Embedded;

/// <summary>One private PostgreSQL server: listens on the loopback address only and asks everyone for a password.</summary>
/// <param name="name">What it is for, in messages.</param>
/// <param name="directory">Its data directory.</param>
/// <param name="password">Of its superuser, <c>postgres</c>.</param>
/// <param name="settings">Server settings besides those that every cluster here has.</param>
public sealed class EmbeddedCluster(
    PostgresBinaries binaries,
    ServerAccount account,
    string name,
    string directory,
    string password,
    IReadOnlyDictionary<string, string> settings,
    Action<string> say)
{
    public const string Superuser = "postgres";

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    public int Port { get; private set; }

    /// <summary>Major version that made a data directory; null: there is none.</summary>
    public static int? MajorOf(string directory)
    {
        var file = Path.Combine(directory, "PG_VERSION");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file), out var major) ? major : null;
    }

    /// <summary>Starts the server, making its data directory first if there is none. One that still runs is used as it is.</summary>
    /// <param name="usualPort">Port to use if it is free; 0: any.</param>
    public async Task StartAsync(int usualPort, CancellationToken cancellation)
    {
        if (MajorOf(directory) is null)
        {
            await InitialiseAsync(cancellation);
        }
        else if (await AdoptAsync(cancellation))
        {
            return;
        }

        Postmaster.ForgetIfStale(directory);
        const int attempts = 5;
        for (var attempt = 1; ; attempt++)
        {
            var port = attempt == 1 && LoopbackPort.IsFree(usualPort) ? usualPort : LoopbackPort.Free();
            say($"Starting PostgreSQL {binaries.Version} for {name} on 127.0.0.1:{port} ...");
            var (started, log) = await LaunchAsync(port, cancellation);
            if (started)
            {
                Port = port;
                return;
            }

            if (attempt == attempts || !IsWorthAnotherTry(log))
            {
                throw new SetupException($"PostgreSQL for {name} did not start. The end of {LogFile}:\n{log}");
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
        }
    }

    /// <summary>Stops the server; what is being done in it is rolled back.</summary>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        if (Postmaster.Of(directory) is null)
        {
            return;
        }

        var stop = await PgCtlAsync(["stop", "-m", "fast", "-w", "-t", "30"], cancellation);
        if (!stop.Succeeded && Postmaster.Of(directory) is not null)
        {
            await PgCtlAsync(["stop", "-m", "immediate", "-w", "-t", "10"], cancellation);
        }
    }

    private string LogFile => Path.Combine(directory, "server.log");

    private async Task InitialiseAsync(CancellationToken cancellation)
    {
        say($"Preparing PostgreSQL {binaries.Version} for {name} in {directory} ...");
        // Made aside and moved when complete, so that an interrupted first start does not leave half a cluster.
        var aside = directory + ".new";
        var passwordFile = directory + ".pw";
        if (Directory.Exists(aside))
        {
            Directory.Delete(aside, recursive: true);
        }

        Directory.CreateDirectory(aside);
        try
        {
            PrivateFile.Write(passwordFile, password);
            await account.OwnAsync(aside, cancellation);
            await account.OwnAsync(passwordFile, cancellation);
            var initdb = await Programs.RunAsync(
                account.Command(binaries.Initdb,
                [
                    "-D", aside, "-U", Superuser, $"--pwfile={passwordFile}", "--auth=scram-sha-256",
                    "--encoding=UTF8", "--data-checksums", "--no-instructions", .. Locale(),
                    .. settings.GetValueOrDefault("fsync") == "off" ? ["--no-sync"] : Array.Empty<string>(),
                ]), cancellation);
            initdb.OrThrow($"PostgreSQL for {name} could not be prepared");
        }
        finally
        {
            File.Delete(passwordFile);
        }

        await File.AppendAllTextAsync(Path.Combine(aside, "postgresql.conf"), "\ninclude = 'portal.conf'\n", cancellation);
        Directory.Move(aside, directory);
    }

    // The same order of texts on every machine; lower() and ilike know letters beyond ASCII wherever the server can.
    private string[] Locale() =>
        binaries.Major >= 17 ? ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        : OperatingSystem.IsLinux() ? ["--locale=C", "--lc-ctype=C.UTF-8"]
        : ["--locale=C"];

    private async Task<bool> AdoptAsync(CancellationToken cancellation)
    {
        // It may be starting or stopping: so it gets a while to answer or to be gone.
        var silentSince = TimeProvider.System.GetTimestamp();
        while (Postmaster.Of(directory) is { } running)
        {
            if (await AnswersAsync(running.Port, cancellation))
            {
                say($"PostgreSQL for {name} is still running on 127.0.0.1:{running.Port}.");
                Port = running.Port;
                return true;
            }

            if (TimeProvider.System.GetElapsedTime(silentSince) > _patience)
            {
                say($"PostgreSQL for {name} is running but does not answer. Stopping it ...");
                await PgCtlAsync(["stop", "-m", "immediate", "-w", "-t", "10"], cancellation);
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
        }

        return false;
    }

    private async Task<bool> AnswersAsync(int port, CancellationToken cancellation)
    {
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
            {
                Host = "127.0.0.1",
                Port = port,
                Database = "postgres",
                Username = Superuser,
                Password = password,
                Pooling = false,
                Timeout = 5,
            }.ConnectionString);
            await connection.OpenAsync(cancellation);
            return true;
        }
        catch (NpgsqlException)
        {
            // Also while it recovers from a kill.
            return false;
        }
    }

    private async Task<(bool Started, string Log)> LaunchAsync(int port, CancellationToken cancellation)
    {
        var wanted = new Dictionary<string, string>
        {
            ["listen_addresses"] = "127.0.0.1",
            ["port"] = $"{port}",
            ["unix_socket_directories"] = "",
            ["shared_buffers"] = "128MB",
            ["max_connections"] = "100",
            ["log_timezone"] = "UTC",
            ["timezone"] = "UTC",
        };
        foreach (var (key, value) in settings)
        {
            wanted[key] = value;
        }

        await File.WriteAllLinesAsync(
            Path.Combine(directory, "portal.conf"),
            ["# Written by the portal at each start.", .. wanted.Select(s => $"{s.Key} = '{s.Value.Replace("'", "''", StringComparison.Ordinal)}'")],
            cancellation);
        if (File.Exists(LogFile))
        {
            File.Move(LogFile, LogFile + ".before", overwrite: true);
        }

        await account.OwnAsync(directory, cancellation);
        var start = await PgCtlAsync(["start", "-w", "-t", "120", "-l", LogFile], cancellation);
        return start.Succeeded
            ? (true, "")
            : (false, File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(10)) : start.Output.Trim());
    }

    private Task<ProgramResult> PgCtlAsync(IEnumerable<string> arguments, CancellationToken cancellation) =>
        Programs.RunAsync(account.Command(binaries.PgCtl, [.. arguments, "-D", directory]), cancellation);

    // Somebody was faster with the port, or the last processes of a killed server are just ending.
    private static bool IsWorthAnotherTry(string log) =>
        log.Contains("could not create any TCP/IP sockets", StringComparison.Ordinal)
        || log.Contains("shared memory block", StringComparison.Ordinal);
}
