using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;
using Portal.Data.Replication;
using Portal.Data.Replication.Alarms;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>A pair of databases with twelve timesheets, watched by the services of the replication.</summary>
internal sealed class ReplicationScene : IAsyncDisposable
{
    public static readonly Caller Admin = new("1", "Ada Admin", AccountRole.Admin, null, new HashSet<long>());

    public static readonly Caller Worker = new("2", "Will Worker", AccountRole.Worker, 33, new HashSet<long>());

    private readonly ServiceProvider services;
    private readonly NpgsqlDataSource oldThroughLink;

    private ReplicationScene(TestDatabases databases, OldServerLink link)
    {
        Databases = databases;
        Link = link;
        var oldConnection = new NpgsqlConnectionStringBuilder(databases.Settings.Portal.Old) { Host = "127.0.0.1", Port = link.Port };
        oldThroughLink = DatabaseServices.DataSource(oldConnection.ConnectionString);
        Configuration = new Dictionary<string, string>
        {
            ["ConnectionStrings:New"] = databases.Settings.Portal.New,
            ["ConnectionStrings:Old"] = oldConnection.ConnectionString,
        };
        services = Register(new ServiceCollection()).AddLogging().BuildServiceProvider();
    }

    public TestDatabases Databases { get; }

    /// <summary>The way to the old server, for the foreign server as well as for the portal.</summary>
    public OldServerLink Link { get; }

    /// <summary>The settings of a portal on these databases.</summary>
    public IReadOnlyDictionary<string, string> Configuration { get; }

    public ForeignServers Servers => services.GetRequiredService<ForeignServers>();

    public ReplicationTriggers Triggers => services.GetRequiredService<ReplicationTriggers>();

    public OldSchema OldSchema => services.GetRequiredService<OldSchema>();

    public AlarmBook Alarms => services.GetRequiredService<AlarmBook>();

    public History History => services.GetRequiredService<History>();

    public AuditLog Audit => services.GetRequiredService<AuditLog>();

    public TriggerSwitch TriggerSwitch => services.GetRequiredService<TriggerSwitch>();

    public Comparison Comparison => services.GetRequiredService<Comparison>();

    public ReplicationOutbox Outbox => services.GetRequiredService<ReplicationOutbox>();

    public ReplicationSwitch Switch => services.GetRequiredService<ReplicationSwitch>();

    public ReplicationStatus Status => services.GetRequiredService<ReplicationStatus>();

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    public static async Task<ReplicationScene> CreateAsync()
    {
        var databases = await TestDatabases.CreateAsync();
        var scene = new ReplicationScene(databases, new OldServerLink(databases.Settings.Portal.Old));
        await scene.NewAsync($"""
            alter server timesheet_old_server options (set host '127.0.0.1', set port '{scene.Link.Port}');
            insert into hospital (id, name) values (15, 'St Anne'), (16, 'Zürich "Süd"');
            insert into worker (id, name) values (33, 'Amara Okafor'), (34, 'Dara O''Brien');
            insert into timesheet_options (id, hospital_id, planned_start, planned_end, planned_break_minutes, hourly_rate)
            select n, 15 + n % 2, timestamptz '2026-03-01 08:00+00' + n * interval '1 day',
                   timestamptz '2026-03-01 16:30+00' + n * interval '1 day', 30, 21.50
              from generate_series(1, 12) n;
            insert into timesheet_new (id, worker_id, status, timesheet_options_id)
            select n, 33 + n % 2, 'approved', n from generate_series(1, 12) n;
            """);
        return scene;
    }

    /// <summary>Registers the services on these databases, as the portal does on its own.</summary>
    public IServiceCollection Register(IServiceCollection collection) => collection
        .AddKeyedSingleton(DatabaseNames.New, Databases.New)
        .AddKeyedSingleton(DatabaseNames.Old, oldThroughLink)
        .AddPortalReplication();

    /// <summary>Changes the new database as its owner.</summary>
    public Task NewAsync(string sql) => ExecuteAsync(Databases.OwnerOfNew, sql);

    /// <summary>Changes the new database with the portal's own login, as for a user.</summary>
    public Task WriteAsync(string sql) => ExecuteAsync(Databases.New, sql);

    /// <summary>As many rows on both sides, and the same.</summary>
    public async Task ShouldBeEqualAsync(long rows)
    {
        var summary = (await Comparison.Summarise(Admin, TestContext.Current.CancellationToken)).Value.ShouldNotBeNull();
        (summary.Compared, summary.Differences).ShouldBe((rows, 0));
    }

    /// <summary>Changes the old database behind the replication's back.</summary>
    public Task OldAsync(string sql) => ExecuteAsync(Databases.SuperuserOfOld, sql);

    /// <summary>Reads a single value of the new database.</summary>
    public Task<T?> NewAsync<T>(string sql) => ScalarAsync<T>(Databases.SuperuserOfNew, sql);

    /// <summary>Reads a single value of the old database, past the link.</summary>
    public Task<T?> OldAsync<T>(string sql) => ScalarAsync<T>(Databases.SuperuserOfOld, sql);

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await oldThroughLink.DisposeAsync();
        Link.Dispose();
        await Databases.DisposeAsync();
    }

    private static async Task<T?> ScalarAsync<T>(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (T?)await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
