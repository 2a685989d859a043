using System.Diagnostics;
using System.Runtime.Versioning;
using Npgsql;
using Portal.Data.Databases;
using Portal.Data.Databases.Embedded;
using Portal.Tests.Support;

namespace Portal.Tests.Databases;

[EveryPostgres]
public sealed class EmbeddedDatabasesTests : IDisposable
{
    // What a killed program has written stays with the operating system.
    private static readonly Dictionary<string, string> _noSync = new() { ["fsync"] = "off" };

    private readonly string _directory = PostgresClusters.NewDirectory();
    private readonly List<string> _said = [];

    public void Dispose() => PostgresClusters.Remove(_directory);

    [Fact]
    public async Task A_later_start_finds_what_was_stored_and_listens_where_it_did()
    {
        string first;
        await using (var databases = await StartAsync())
        {
            first = Superuser(databases);
            await ExecuteAsync(first, "create table note (text text); insert into note values ('kept')");
        }

        await using var again = await StartAsync();
        Superuser(again).ShouldBe(first);
        (await ExecuteAsync(first, "select text from note")).ShouldBe("kept");
    }

    [Fact]
    public async Task The_last_to_leave_stops_the_servers()
    {
        var portal = await StartAsync();
        var verb = await StartAsync(asPortal: false);

        await portal.DisposeAsync();
        (await ExecuteAsync(Superuser(verb), "select 1")).ShouldBe(1);

        await verb.DisposeAsync();
        Postmaster.Of(Path.Combine(_directory, "new")).ShouldBeNull();
        Postmaster.Of(Path.Combine(_directory, "old")).ShouldBeNull();
    }

    [Fact]
    public async Task A_second_portal_is_told_that_there_is_one()
    {
        await using var first = await StartAsync();
        (await Should.ThrowAsync<SetupException>(() => StartAsync())).Message
            .ShouldStartWith($"Another portal (process {Environment.ProcessId}) is already running on the databases in {_directory}.");
    }

    [Fact]
    public async Task A_server_that_was_killed_starts_again_and_has_lost_nothing()
    {
        await using (var databases = await StartAsync())
        {
            await ExecuteAsync(Superuser(databases), "create table note (text text); insert into note values ('kept')");
            KillServer("new");
        }

        await using var again = await StartAsync();
        (await ExecuteAsync(Superuser(again), "select text from note")).ShouldBe("kept");
    }

    [Fact]
    public async Task A_process_file_left_from_before_a_reboot_is_no_obstacle()
    {
        await (await StartAsync()).DisposeAsync();
        // The number now belongs to another program, the one that runs this test.
        await File.WriteAllTextAsync(
            Path.Combine(_directory, "new", "postmaster.pid"),
            $"{Environment.ProcessId}\n{_directory}/new\n1700000000\n1\n\n127.0.0.1\n  1234567         0\nready   \n",
            TestContext.Current.CancellationToken);

        await using var again = await StartAsync();
        (await ExecuteAsync(Superuser(again), "select 1")).ShouldBe(1);
    }

    [Fact]
    public async Task An_interrupted_first_start_is_begun_anew()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "new.new", "base"));
        await File.WriteAllTextAsync(Path.Combine(_directory, "new.pw"), "left", TestContext.Current.CancellationToken);

        await using var databases = await StartAsync();
        (await ExecuteAsync(Superuser(databases), "select 1")).ShouldBe(1);
        Directory.EnumerateFileSystemEntries(_directory).ShouldNotContain(left => Path.GetFileName(left).StartsWith("new.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_taken_by_somebody_else_is_replaced_by_another()
    {
        string first;
        await using (var databases = await StartAsync())
        {
            first = Superuser(databases);
        }

        using var somebody = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, new NpgsqlConnectionStringBuilder(first).Port);
        somebody.Start();
        await using var again = await StartAsync();
        Superuser(again).ShouldNotBe(first);
        (await ExecuteAsync(Superuser(again), "select 1")).ShouldBe(1);
    }

    [Fact]
    public async Task The_servers_listen_to_this_machine_only_and_ask_for_a_password()
    {
        await using var databases = await StartAsync();
        (await ExecuteAsync(Superuser(databases), "show listen_addresses")).ShouldBe("127.0.0.1");
        (await ExecuteAsync(Superuser(databases), "show unix_socket_directories")).ShouldBe("");
        (await ExecuteAsync(Superuser(databases), "show data_checksums")).ShouldBe("on");

        var guess = new NpgsqlConnectionStringBuilder(Superuser(databases)) { Password = "postgres" }.ConnectionString;
        (await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(guess, "select 1"))).SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
    }

    [Fact]
    public async Task The_passwords_stand_in_one_file_that_only_its_owner_can_read()
    {
        await using var databases = await StartAsync();
        var file = Path.Combine(_directory, "pg_service.conf");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var password = new NpgsqlConnectionStringBuilder(Superuser(databases)).Password.ShouldNotBeNull();
        (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ShouldContain(password);
        string.Join('\n', _said).ShouldNotContain(password);
        Directory.EnumerateFiles(_directory, "*.log", SearchOption.AllDirectories).ShouldNotContain(log => File.ReadAllText(log).Contains(password));
    }

    [Fact]
    public async Task Where_the_process_is_root_the_servers_are_not()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root can turn into somebody else.");
        await using var databases = await StartAsync();
        var server = Postmaster.Of(Path.Combine(_directory, "new")).ShouldNotBeNull();
        File.ReadLines($"/proc/{server.ProcessId}/status").Single(l => l.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1].ShouldNotBe("0");
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Where_the_servers_account_may_not_enter_another_folder_is_taken_and_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root can turn into somebody else.");
        Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var closed = Path.Combine(_directory, "portal");

        await using (await StartAsync(directory: closed))
        {
        }

        var instead = _said.Single(l => l.Contains("are kept in", StringComparison.Ordinal)).Split("kept in ")[1].Split(" instead")[0];
        instead.ShouldStartWith("/var/lib/portal/");
        File.Exists(Path.Combine(instead, "new", "PG_VERSION")).ShouldBeTrue();
        Directory.Delete(instead, recursive: true);
    }

    private async Task<EmbeddedDatabases> StartAsync(bool asPortal = true, string? directory = null) =>
        await EmbeddedDatabases.StartAsync(
            new EmbeddedSettings(null, directory ?? _directory), asPortal, line => { lock (_said) { _said.Add(line); } },
            TestContext.Current.CancellationToken, _noSync, PostgresClusters.Search());

    private void KillServer(string name)
    {
        using var server = Process.GetProcessById(Postmaster.Of(Path.Combine(_directory, name)).ShouldNotBeNull().ProcessId);
        server.Kill();
        server.WaitForExit();
    }

    private static string Superuser(EmbeddedDatabases databases) =>
        new NpgsqlConnectionStringBuilder(databases.Configuration["Migration:New"]) { Database = "postgres", Pooling = false }.ConnectionString;

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
