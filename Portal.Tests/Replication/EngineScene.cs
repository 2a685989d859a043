using Npgsql;
using Portal.Data.Databases;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>A pair of databases with six replicated timesheets, for tests of the SQL alone: two hospitals, two workers, and
/// three options that two timesheets share each.</summary>
internal sealed class EngineScene : IAsyncDisposable
{
    public const int Timesheets = 6;

    private EngineScene(TestDatabases databases) => Databases = databases;

    public TestDatabases Databases { get; }

    /// <summary>The foreign server reaches the old one through this, once <see cref="ThroughLinkAsync"/> was called.</summary>
    public OldServerLink? Link { get; private set; }

    public static async Task<EngineScene> CreateAsync()
    {
        var scene = new EngineScene(await TestDatabases.CreateAsync());
        await scene.OwnerAsync("""
            alter table timesheet_options alter id restart 100;
            alter table timesheet_new alter id restart 100;
            insert into hospital (id, name) values (15, 'St Anne'), (16, 'Zürich "Süd"');
            insert into worker (id, name) values (33, 'Amara Okafor'), (34, 'Dara O''Brien');
            insert into timesheet_options (id, hospital_id, planned_start, planned_end, planned_break_minutes, hourly_rate)
            select n, 15 + n % 2, timestamptz '2026-03-01 08:00+00' + n * interval '1 day',
                   timestamptz '2026-03-01 16:30+00' + n * interval '1 day', 30, 21.50
              from generate_series(1, 3) n;
            insert into timesheet_new (id, worker_id, status, timesheet_options_id)
            select n, 33 + n % 2, 'approved', (n + 1) / 2 from generate_series(1, 6) n;
            """);
        return scene;
    }

    /// <summary>Lets the replication go through a link that a test can cut.</summary>
    public async Task<OldServerLink> ThroughLinkAsync()
    {
        Link = new OldServerLink(Databases.Settings.Portal.Old);
        await OwnerAsync($"alter server timesheet_old_server options (set host '127.0.0.1', set port '{Link.Port}')");
        return Link;
    }

    /// <summary>Writes as the portal does, in one transaction.</summary>
    public Task WriteAsync(string sql) => ExecuteAsync(Databases.New, sql);

    /// <summary>Writes as the owner of the new database.</summary>
    public Task OwnerAsync(string sql) => ExecuteAsync(Databases.OwnerOfNew, sql);

    /// <summary>Changes the old database, behind the replication's back.</summary>
    public Task OldAsync(string sql) => ExecuteAsync(Databases.SuperuserOfOld, sql);

    /// <summary>Asks the new database for one value.</summary>
    public Task<T> AskAsync<T>(string sql) => ScalarAsync<T>(Databases.OwnerOfNew, sql);

    /// <summary>Asks the old database for one value.</summary>
    public Task<T> AskOldAsync<T>(string sql) => ScalarAsync<T>(Databases.SuperuserOfOld, sql);

    /// <summary>So that a busy machine does not end a wait for a lock that the test steps through.</summary>
    public Task WaitLongAsync() => OwnerAsync("""
        alter function public.new_records_inserted() set lock_timeout = '1min';
        alter function replication.flush_updated() set lock_timeout = '1min';
        alter function replication.flush_at_commit() set lock_timeout = '1min';
        alter function replication.flush_event() set lock_timeout = '1min';
        """);

    public Task<long> DifferencesAsync() => AskAsync<long>("select count(*) from replication.compare()");

    /// <summary>How many keys wait in the outbox; an update queues a key as it was and as it is.</summary>
    public Task<long> QueuedAsync() =>
        AskAsync<long>("select count(distinct (o.mapping, o.source, k)) from replication.outbox o, unnest(o.keys) k");

    public Task<string> BreakerAsync() => AskAsync<string>("select breaker from replication.control");

    /// <summary>Old equals mapping, and nothing waits to be written.</summary>
    public async Task ShouldBeReplicatedAsync(long rows = Timesheets)
    {
        (await QueuedAsync()).ShouldBe(0);
        (await DifferencesAsync()).ShouldBe(0);
        (await AskOldAsync<long>("select count(*) from timesheet_old")).ShouldBe(rows);
    }

    /// <summary>As the portal's worker: everything that waits is written.</summary>
    public async Task DrainAsync()
    {
        while (await ScalarAsync<int>(Databases.New, "select replication.drain()") > 0)
        {
        }
    }

    /// <summary>A session of its own, with no connection to the old database yet.</summary>
    public async Task<Session> SessionAsync(string? connectionString = null)
    {
        var own = new NpgsqlConnectionStringBuilder(connectionString ?? MigrationSettings.AsOwner(Databases.Settings.New)) { Pooling = false };
        var connection = new NpgsqlConnection(own.ConnectionString);
        await connection.OpenAsync();
        return new Session(connection, this);
    }

    public async ValueTask DisposeAsync()
    {
        Link?.Dispose();
        await Databases.DisposeAsync();
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync()).ShouldNotBeNull();
    }
}

/// <summary>One of several sessions that a test steps.</summary>
internal sealed class Session(NpgsqlConnection connection, EngineScene scene) : IAsyncDisposable
{
    /// <summary>Runs statements; not awaited, they may wait for another session.</summary>
    public async Task Do(string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Asks for one value, inside the transaction that it is in.</summary>
    public async Task<T> AskAsync<T>(string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync()).ShouldNotBeNull();
    }

    /// <summary>Starts a statement and returns when it waits for a lock of another session.</summary>
    public async Task<Waiting> Blocks(string sql)
    {
        var running = Do(sql);
        while (!await scene.AskAsync<bool>($"select cardinality(pg_blocking_pids({connection.ProcessID})) > 0"))
        {
            running.IsCompleted.ShouldBeFalse($"\"{sql}\" was to wait for another session, and did not.");
        }

        return new Waiting(running);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}

/// <summary>A statement that waits; in a record so that awaiting its start does not await its end.</summary>
internal sealed record Waiting(Task Done);
