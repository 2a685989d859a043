using Npgsql;
using Portal.Data.Databases;
using Portal.Tests.Support;

namespace Portal.Tests.Replication.Faults;

/// <summary>A pair of databases with the rows that the writers of a fault run change, joined through a link that can be cut.</summary>
internal sealed class FaultScene : IAsyncDisposable
{
    private readonly IAsyncDisposable databases;
    private readonly NpgsqlDataSource superuserOfNew;
    private readonly NpgsqlDataSource superuserOfOld;

    private FaultScene(IAsyncDisposable databases, MigrationSettings settings, FaultServers? servers)
    {
        (this.databases, Settings, Servers) = (databases, settings, servers);
        Link = new OldServerLink(settings.Old);
        superuserOfNew = DatabaseServices.DataSource(Unpooled(settings.New));
        superuserOfOld = DatabaseServices.DataSource(Unpooled(settings.Old));
    }

    public MigrationSettings Settings { get; }

    /// <summary>The way to the old server, for the new one as well as for the portal.</summary>
    public OldServerLink Link { get; }

    /// <summary>Null where the servers are shared with other tests.</summary>
    public FaultServers? Servers { get; }

    /// <summary>With two servers of its own, that may be killed.</summary>
    public static async Task<FaultScene> OnOwnServersAsync()
    {
        var servers = await FaultServers.StartAsync();
        return await FillAsync(new FaultScene(servers, servers.Settings, servers));
    }

    /// <summary>On the servers of all tests.</summary>
    public static async Task<FaultScene> OnSharedServersAsync()
    {
        var databases = await TestDatabases.CreateAsync();
        return await FillAsync(new FaultScene(databases, databases.Settings, null));
    }

    public Task NewAsync(string sql) => ExecuteAsync(superuserOfNew, sql);

    public Task OldAsync(string sql) => ExecuteAsync(superuserOfOld, sql);

    /// <summary>Reads rows of the new database.</summary>
    public Task<List<T>> NewAsync<T>(string sql, Func<NpgsqlDataReader, T> read) => ReadAsync(superuserOfNew, sql, read);

    /// <summary>Reads rows of the old database, past the link.</summary>
    public Task<List<T>> OldAsync<T>(string sql, Func<NpgsqlDataReader, T> read) => ReadAsync(superuserOfOld, sql, read);

    public async ValueTask DisposeAsync()
    {
        await superuserOfNew.DisposeAsync();
        await superuserOfOld.DisposeAsync();
        Link.Dispose();
        await databases.DisposeAsync();
    }

    private static async Task<FaultScene> FillAsync(FaultScene scene)
    {
        await scene.NewAsync($"""
            alter server timesheet_old_server options (set host '127.0.0.1', set port '{scene.Link.Port}');
            insert into hospital (id, name, time_zone)
            select n, 'hospital ' || n || ' #0', (array['Europe/London', 'UTC', 'America/New_York', 'Asia/Kolkata'])[n]
              from generate_series(1, {Operations.Hospitals}) n;
            insert into worker (id, name) select n, 'worker ' || n || ' #0' from generate_series(1, {Operations.Workers}) n;
            insert into timesheet_options (id, hospital_id) select n, 1 + n % {Operations.Hospitals} from generate_series(1, {Operations.Options}) n;
            insert into timesheet_new (id, worker_id, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes)
            select n, 1 + n % {Operations.Workers}, 1 + n % {Operations.Options}, timestamptz '2026-01-01 06:00Z' + n * interval '1 day',
                   timestamptz '2026-01-01 14:00Z' + n * interval '1 day', 0
              from generate_series(1, {Operations.Timesheets / 2}) n;
            """);
        return scene;
    }

    private static string Unpooled(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<T>> ReadAsync<T>(NpgsqlDataSource database, string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = database.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync();
        var list = new List<T>();
        while (await rows.ReadAsync())
        {
            list.Add(read(rows));
        }

        return list;
    }
}
