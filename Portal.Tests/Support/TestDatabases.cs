using Microsoft.EntityFrameworkCore;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Tests.Support;

/// <summary>A fresh pair of databases with everything in place and no rows, joined by the replication.</summary>
public sealed class TestDatabases : IAsyncDisposable, IDbContextFactory<PortalDbContext>
{
    private readonly MigrationSettings _servers;
    private readonly DbContextOptions<PortalDbContext> _options;

    private TestDatabases(MigrationSettings servers, MigrationSettings settings)
    {
        (_servers, Settings) = (servers, settings);
        New = DatabaseServices.DataSource(settings.Portal.New);
        Old = DatabaseServices.DataSource(settings.Portal.Old);
        OwnerOfNew = DatabaseServices.DataSource(MigrationSettings.AsOwner(settings.New));
        SuperuserOfNew = DatabaseServices.DataSource(settings.New);
        SuperuserOfOld = DatabaseServices.DataSource(settings.Old);
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalDatabase(New);
        _options = options.Options;
    }

    /// <summary>All connection strings.</summary>
    public MigrationSettings Settings { get; }

    /// <summary>The new database as the portal's own login.</summary>
    public NpgsqlDataSource New { get; }

    /// <summary>The old database as the portal's own login, which can only read there.</summary>
    public NpgsqlDataSource Old { get; }

    /// <summary>The new database as the role that owns it.</summary>
    public NpgsqlDataSource OwnerOfNew { get; }

    public NpgsqlDataSource SuperuserOfNew { get; }

    public NpgsqlDataSource SuperuserOfOld { get; }

    /// <summary>The same as configuration keys, for starting the application on these databases.</summary>
    public IReadOnlyDictionary<string, string?> Configuration => new Dictionary<string, string?>
    {
        ["ConnectionStrings:New"] = Settings.Portal.New,
        ["ConnectionStrings:Old"] = Settings.Portal.Old,
        ["Migration:New"] = Settings.New,
        ["Migration:Old"] = Settings.Old,
        ["Replication:ForeignServer:User"] = Settings.ForeignServer.User,
        ["Replication:ForeignServer:Password"] = Settings.ForeignServer.Password,
    };

    /// <summary>Makes the pair by copying templates; about a tenth of what running the scripts takes.</summary>
    public static async Task<TestDatabases> CreateAsync()
    {
        var servers = await (await PostgresClusters.CurrentAsync()).TemplatesAsync();
        var name = $"t_{Guid.NewGuid():N}";
        var (newName, oldName) = (name + "_new", name + "_old");
        await Task.WhenAll(CopyAsync(servers.New, newName), CopyAsync(servers.Old, oldName));

        var databases = new TestDatabases(servers, new MigrationSettings(
            At(servers.New, newName),
            At(servers.Old, oldName),
            new ConnectionSettings(At(servers.Portal.New, newName), At(servers.Portal.Old, oldName)),
            servers.ForeignServer with { Database = oldName }));
        await new Migration(databases.Settings, _ => { }).ConnectAsync(databases.OwnerOfNew, CancellationToken.None);
        return databases;
    }

    public PortalDbContext CreateDbContext() => new(_options);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(new[] { New, Old, OwnerOfNew, SuperuserOfNew, SuperuserOfOld }.Select(d => d.DisposeAsync().AsTask()));
        // The new one first: its connections to the old one end with it.
        await DropAsync(_servers.New, Settings.New);
        await DropAsync(_servers.Old, Settings.Old);
    }

    private static async Task CopyAsync(string server, string name)
    {
        var template = new NpgsqlConnectionStringBuilder(server).Database;
        await ExecuteAsync(server, $"create database {name} template {template} owner {MigrationSettings.OwnerRole}");
    }

    private static Task DropAsync(string server, string connectionString) =>
        ExecuteAsync(server, $"drop database if exists {new NpgsqlConnectionStringBuilder(connectionString).Database} with (force)");

    private static async Task ExecuteAsync(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(At(server, "postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string At(string connectionString, string database) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Database = database, IncludeErrorDetail = true }.ConnectionString;
}
