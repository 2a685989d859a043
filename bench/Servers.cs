using System.Security.Cryptography;
using Npgsql;
using Portal.Data.Databases;
using Portal.Data.Databases.Embedded;

namespace Portal.Bench;

/// <summary>Two servers for one run, with PostgreSQL's default settings, and four pairs of databases in them that differ in
/// how the old one is kept true.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private readonly string directory = Path.Combine(Path.GetTempPath(), "portal-bench", $"{Environment.ProcessId}-{Guid.NewGuid():N}");
    private readonly string password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    private readonly EmbeddedCluster newServer;
    private readonly EmbeddedCluster oldServer;

    private Servers(PostgresBinaries binaries, ServerAccount account, IReadOnlyDictionary<string, string> settings)
    {
        Binaries = binaries;
        newServer = Cluster("new");
        oldServer = Cluster("old");

        EmbeddedCluster Cluster(string name) =>
            new(binaries, account, name, Path.Combine(directory, name), password, settings, _ => { });
    }

    public PostgresBinaries Binaries { get; }

    /// <summary>Nothing writes the old database.</summary>
    public Variant NoReplication => field ??= new("no replication", SettingsOf("none"));

    /// <summary>The article's trigger, once a row.</summary>
    public Variant Article => field ??= new("article", SettingsOf("article"));

    public Variant Engine => field ??= new("engine", SettingsOf("engine"));

    /// <summary>The article's trigger with a fan-out that was written for nothing but the hospital of options.</summary>
    public Variant ByHand => field ??= new("by hand", SettingsOf("by_hand"));

    /// <summary>Those that every measurement compares.</summary>
    public IReadOnlyList<Variant> All => [NoReplication, Article, Engine];

    /// <param name="search">Which PostgreSQL.</param>
    /// <param name="settings">Server settings other than the default ones; for tests of the benchmark itself.</param>
    public static async Task<Servers> StartAsync(
        PostgresSearch search, IReadOnlyDictionary<string, string> settings, Action<string> say, CancellationToken cancel)
    {
        var account = await ServerAccount.ForThisProcessAsync(cancel);
        var binaries = await PostgresBinaries.FindAsync(search, account, major: null, say, cancel);
        say($"Starting two servers of PostgreSQL {binaries.Version} ...");
        var servers = new Servers(binaries, account, settings);
        try
        {
            Directory.CreateDirectory(servers.directory);
            await Task.WhenAll(servers.newServer.StartAsync(0, cancel), servers.oldServer.StartAsync(0, cancel));
            await servers.PrepareAsync(cancel);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>One more pair of databases, with the engine and nothing in them.</summary>
    public async Task<Variant> EmptyAsync(string name, CancellationToken cancel)
    {
        var pair = new Variant(name, SettingsOf(name));
        await new Migration(pair.Settings, _ => { }).ApplyAsync(cancel);
        return pair;
    }

    public Task StopOldAsync(CancellationToken cancel) => oldServer.StopAsync(cancel);

    public Task StartOldAsync(CancellationToken cancel) => oldServer.StartAsync(oldServer.Port, cancel);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(newServer.StopAsync(), oldServer.StopAsync());
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task PrepareAsync(CancellationToken cancel)
    {
        await new Migration(Engine.Settings, _ => { }).ApplyAsync(cancel);
        await Engine.OwnerAsync(Sql.Read("seed.sql"), cancel);
        foreach (var variant in new[] { NoReplication, Article, ByHand })
        {
            await CopyAsync(Engine.Settings.New, variant.Settings.New, cancel);
            await CopyAsync(Engine.Settings.Old, variant.Settings.Old, cancel);
            // Connects the copy to its own old database.
            await new Migration(variant.Settings, _ => { }).ApplyAsync(cancel);
            await variant.OwnerAsync(Sql.Read("no_replication.sql"), cancel);
        }

        foreach (var variant in new[] { Article, ByHand })
        {
            await variant.OwnerAsync(Sql.Read("article_trigger.sql") + Sql.Read("article_rights.sql"), cancel);
            await variant.OwnerAsync(
                $"alter user mapping for public server timesheet_old_server options (set user 'replicator', set password '{password}')", cancel);
        }

        await ByHand.OwnerAsync(Sql.Read("fan_out_by_hand.sql"), cancel);
        foreach (var variant in All.Append(ByHand))
        {
            await variant.NewAsync("vacuum analyze", cancel);
            await variant.OldAsync("vacuum analyze", cancel);
        }
    }

    // The session that wrote the template may still be ending; the server waits for it some seconds.
    private static async Task CopyAsync(string from, string to, CancellationToken cancel)
    {
        var target = new NpgsqlConnectionStringBuilder(to);
        await using var server = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(to) { Database = "postgres", Pooling = false }.ConnectionString);
        await server.OpenAsync(cancel);
        await using var copy = new NpgsqlCommand(
            $"create database {target.Database} template {new NpgsqlConnectionStringBuilder(from).Database} owner {MigrationSettings.OwnerRole}", server);
        await copy.ExecuteNonQueryAsync(cancel);
    }

    private MigrationSettings SettingsOf(string variant)
    {
        return new MigrationSettings(
            Connection(newServer, "new", EmbeddedCluster.Superuser),
            Connection(oldServer, "old", EmbeddedCluster.Superuser),
            new ConnectionSettings(Connection(newServer, "new", "portal"), Connection(oldServer, "old", "portal")),
            new ForeignServerSettings("127.0.0.1", oldServer.Port, $"{variant}_old", "replicator", password));

        string Connection(EmbeddedCluster server, string side, string user) => new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = server.Port,
            Database = $"{variant}_{side}",
            Username = user,
            Password = password,
            Pooling = false,
        }.ConnectionString;
    }
}
