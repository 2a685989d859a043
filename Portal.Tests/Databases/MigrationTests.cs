using Npgsql;
using Portal.Data.Databases;
using Portal.Tests.Support;

namespace Portal.Tests.Databases;

[EveryPostgres]
public sealed class MigrationTests : IAsyncLifetime
{
    private readonly string _name = $"m_{Guid.NewGuid():N}";
    private readonly List<string> _said = [];
    private readonly List<string> _roles = [];
    private MigrationSettings? _servers;

    private MigrationSettings Servers => _servers ?? throw new InvalidOperationException();

    public async ValueTask InitializeAsync() => _servers = MigrationSettings.From(await (await PostgresClusters.CurrentAsync()).EmptyAsync());

    public async ValueTask DisposeAsync()
    {
        foreach (var (server, database) in new[] { (Servers.New, $"{_name}_new"), (Servers.Old, $"{_name}_old") })
        {
            await ExecuteAsync(At(server, "postgres"), $"drop database if exists \"{database}\" with (force)");
            foreach (var role in _roles)
            {
                await ExecuteAsync(At(server, "postgres"), $"drop role if exists \"{role.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
            }
        }
    }

    [Fact]
    public async Task A_second_migration_finds_nothing_to_do()
    {
        (await MigrateAsync(Settings())).ShouldBeGreaterThan(5);
        _said.Clear();
        (await MigrateAsync(Settings())).ShouldBe(0);
        _said.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_dry_run_lists_what_would_be_applied_and_changes_nothing()
    {
        var pending = await new Migration(Settings(), _said.Add).PendingAsync(TestContext.Current.CancellationToken);
        pending.ShouldContain("old/0001_timesheet_old.sql");
        pending.ShouldBeSubsetOf(["create the database", Script.Bootstrap, .. Script.Of(DatabaseNames.Old).Concat(Script.Of(DatabaseNames.New)).Select(s => s.Name)]);
        (await ExecuteAsync(At(Servers.New, "postgres"), $"select count(*) from pg_database where datname like '{_name}%'")).ShouldBe(0L);

        await MigrateAsync(Settings());
        (await new Migration(Settings(), _said.Add).PendingAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_migrations_at_once_do_not_collide()
    {
        var applied = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => MigrateAsync(Settings()))));
        applied.Count(scripts => scripts > 0).ShouldBeGreaterThanOrEqualTo(1);
        applied.Sum().ShouldBe(Script.Of(DatabaseNames.Old).Count + Script.Of(DatabaseNames.New).Count);
    }

    [Theory]
    [InlineData("it's", "a'b")]
    [InlineData("back\\slash", "a\\' b")]
    [InlineData("two words", " b ; drop table x; -- ")]
    [InlineData("per%cent", "%L %I %% {0} $1 $$")]
    [InlineData("quo\"te", "\"quoted\" = x")]
    [InlineData("ünïcode", "pässwörd€")]
    public async Task Names_and_passwords_may_hold_any_character(string name, string password)
    {
        var role = $"{_name} {name}";
        _roles.AddRange([role, role + " w"]);
        string Old(string user) => new NpgsqlConnectionStringBuilder(At(Servers.Old, $"{_name}_old")) { Username = user, Password = password }.ConnectionString;
        string New(string user) => new NpgsqlConnectionStringBuilder(At(Servers.New, $"{_name}_new")) { Username = user, Password = password }.ConnectionString;
        var settings = Settings() with { Portal = new ConnectionSettings(New(role), Old(role)) };
        settings = settings with { ForeignServer = settings.ForeignServer with { User = role + " w", Password = password } };

        await MigrateAsync(settings);

        await ExecuteAsync(settings.New, """
            insert into hospital (id, name) values (15, 'St Anne');
            insert into worker (id, name) values (33, 'Amara Okafor');
            insert into timesheet_options (id, hospital_id) values (1, 15);
            """);
        await ExecuteAsync(settings.Portal.New, "insert into timesheet_new (worker_id, timesheet_options_id) values (33, 1)");
        (await ExecuteAsync(settings.Portal.Old, "select count(*) from timesheet_old")).ShouldBe(1L);
        (await ExecuteAsync(settings.Portal.New, "select count(*) from timesheet_old_schema.timesheet_old")).ShouldBe(1L);
    }

    [Fact]
    public async Task A_member_of_the_owning_role_can_migrate_what_a_superuser_has_prepared()
    {
        var login = _name + "_migrator";
        _roles.Add(login);
        foreach (var (server, name) in new[] { (Servers.New, "new"), (Servers.Old, "old") })
        {
            await ExecuteAsync(At(server, "postgres"), $"create database {_name}_{name}");
            await ExecuteAsync(At(server, $"{_name}_{name}"), Script.BootstrapOf(name).Text);
            await ExecuteAsync(At(server, "postgres"), $"create role {login} login password 'secret' in role portal_owner");
        }

        await MigrateAsync(Settings()); // makes the portal's logins
        await ExecuteAsync(At(Servers.New, $"{_name}_new"), "delete from portal_migration.journal where scriptname like 'new/replication/%'");
        string As(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Username = login, Password = "secret" }.ConnectionString;
        (await MigrateAsync(Settings() with { New = As(Settings().New), Old = As(Settings().Old) })).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_login_that_is_no_superuser_is_told_which_file_a_superuser_must_run()
    {
        var login = _name + "_modest";
        _roles.Add(login);
        await ExecuteAsync(At(Servers.Old, "postgres"), $"create role {login} login password 'secret'");
        await ExecuteAsync(At(Servers.Old, "postgres"), $"create database {_name}_old");
        var settings = Settings() with { Old = new NpgsqlConnectionStringBuilder(Settings().Old) { Username = login, Password = "secret" }.ConnectionString };

        (await Should.ThrowAsync<SetupException>(() => MigrateAsync(settings))).Message.ShouldContain($"-d {_name}_old -f db-scripts/old/bootstrap.sql");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        var settings = Settings() with { Old = "Host=127.0.0.1;Port=1;Database=timesheet_old;Username=postgres;Password=secret" };
        var message = (await Should.ThrowAsync<SetupException>(() => MigrateAsync(settings))).Message;
        message.ShouldStartWith("The database timesheet_old cannot be reached at 127.0.0.1:1: ");
        message.ShouldContain("Check that the server runs, and Migration:Old.");
        message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_wrong_password_is_said_to_be_one()
    {
        var settings = Settings() with { Old = new NpgsqlConnectionStringBuilder(Settings().Old) { Password = "wrong" }.ConnectionString };
        (await Should.ThrowAsync<SetupException>(() => MigrateAsync(settings))).Message.ShouldContain("does not let postgres in");
    }

    [Fact]
    public async Task An_old_server_that_the_new_one_cannot_reach_is_said_to_be_so()
    {
        var settings = Settings();
        settings = settings with { ForeignServer = settings.ForeignServer with { Port = 1 } };
        (await Should.ThrowAsync<SetupException>(() => MigrateAsync(settings))).Message.ShouldContain("Check Replication:ForeignServer");
    }

    private async Task<int> MigrateAsync(MigrationSettings settings) =>
        await new Migration(settings, line => { lock (_said) { _said.Add(line); } }).ApplyAsync(TestContext.Current.CancellationToken);

    private MigrationSettings Settings() => new(
        At(Servers.New, $"{_name}_new"),
        At(Servers.Old, $"{_name}_old"),
        new ConnectionSettings(At(Servers.Portal.New, $"{_name}_new"), At(Servers.Portal.Old, $"{_name}_old")),
        Servers.ForeignServer with { Database = $"{_name}_old" });

    private static string At(string connectionString, string database) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Database = database, Pooling = false }.ConnectionString;

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
