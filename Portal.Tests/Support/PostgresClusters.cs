using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Npgsql;
using Portal.Data.Databases;
using Portal.Data.Databases.Embedded;
using Portal.Tests.Support;

[assembly: AssemblyFixture(typeof(PostgresClusters))]

namespace Portal.Tests.Support;

/// <summary>Two throw-away servers for one run of the tests, started when the first test asks for a database and removed at
/// the end. PORTAL_TEST_POSTGRES chooses the server: a folder of its programs, or <c>npm</c>.</summary>
public sealed class PostgresClusters : IAsyncLifetime
{
    private static readonly string _parent = Path.Combine(Path.GetTempPath(), "portal-tests");

    /// <summary>Server settings for databases that need not outlive a loss of power.</summary>
    public static IReadOnlyDictionary<string, string> Hasty { get; } = new Dictionary<string, string>
    {
        ["fsync"] = "off",
        ["synchronous_commit"] = "off",
        ["full_page_writes"] = "off",
        ["max_connections"] = "200",
        ["shared_buffers"] = "64MB",
        ["autovacuum"] = "off",
    };

    private readonly string _directory = NewDirectory();
    private readonly Lazy<Task<IConfiguration>> _started;
    private readonly Lazy<Task<MigrationSettings>> _templates;
    private EmbeddedDatabases? _databases;

    public PostgresClusters()
    {
        _started = new(StartAsync);
        _templates = new(MigrateTemplatesAsync);
    }

    /// <summary>The clusters of this run.</summary>
    public static async Task<PostgresClusters> CurrentAsync() =>
        await TestContext.Current.GetFixture<PostgresClusters>()
            ?? throw new InvalidOperationException("Databases are there inside tests only.");

    /// <summary>Which server the tests use.</summary>
    public static PostgresSearch Search()
    {
        var machine = PostgresSearch.OnThisMachine(binaryDirectory: null);
        return Environment.GetEnvironmentVariable("PORTAL_TEST_POSTGRES") switch
        {
            null or "" => machine,
            "npm" => machine with { Folders = [] },
            var folder => machine with { BinaryDirectory = folder },
        };
    }

    /// <summary>Folder of the programs of the server the tests use.</summary>
    public static async Task<string> BinaryDirectoryAsync() =>
        (await PostgresBinaries.FindAsync(Search(), await ServerAccount.ForThisProcessAsync(), major: null, Say, CancellationToken.None)).Directory;

    /// <summary>A folder for servers, not made yet; if this run is killed, the next one clears it away.</summary>
    public static string NewDirectory() => Path.Combine(_parent, $"{Environment.ProcessId}-{Guid.NewGuid():N}");

    /// <summary>Removes a folder from <see cref="NewDirectory"/>, with whatever still runs in it.</summary>
    public static void Remove(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        try
        {
            foreach (var cluster in Directory.EnumerateDirectories(directory))
            {
                if (Postmaster.Of(cluster) is { } running)
                {
                    End(running.ProcessId);
                }
            }

            Directory.Delete(directory, recursive: true);
        }
        catch (Exception gone) when (gone is DirectoryNotFoundException or FileNotFoundException)
        {
            // Another run sweeps the same folder, and is faster.
        }
    }

    /// <summary>Superuser's connection strings to two servers without databases of ours.</summary>
    public async Task<IConfiguration> EmptyAsync() => await _started.Value;

    /// <summary>The same, with a migrated pair of databases to copy.</summary>
    public async Task<MigrationSettings> TemplatesAsync() => await _templates.Value;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_started.IsValueCreated)
        {
            NpgsqlConnection.ClearAllPools();
            if (_databases is not null)
            {
                await _databases.DisposeAsync();
            }

            Remove(_directory);
        }
    }

    private async Task<IConfiguration> StartAsync()
    {
        Sweep();
        _databases = await EmbeddedDatabases.StartAsync(
            new EmbeddedSettings(null, _directory), asPortal: true, Say, CancellationToken.None, Hasty, Search());
        return new ConfigurationBuilder().AddInMemoryCollection(_databases.Configuration).Build();
    }

    private async Task<MigrationSettings> MigrateTemplatesAsync()
    {
        var settings = MigrationSettings.From(await EmptyAsync());
        await new Migration(settings, Say).ApplyAsync(CancellationToken.None);
        return settings;
    }

    // What a killed run has left; its servers may still run.
    private static void Sweep()
    {
        foreach (var left in Directory.Exists(_parent) ? Directory.EnumerateDirectories(_parent) : [])
        {
            if (int.TryParse(Path.GetFileName(left).Split('-')[0], out var run) && !IsAlive(run))
            {
                Remove(left);
            }
        }
    }

    private static void End(int server)
    {
        try
        {
            using var process = Process.GetProcessById(server);
            process.Kill();
            process.WaitForExit();
        }
        catch (Exception ended) when (ended is ArgumentException or InvalidOperationException)
        {
            // It has just ended by itself, or by another run.
        }
    }

    private static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void Say(string line) => Trace.WriteLine(line);
}
