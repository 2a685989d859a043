using Npgsql;
using Portal.Data.Databases;
using Portal.Tests.Support;

namespace Portal.Tests.Databases;

[EveryPostgres]
public sealed class DatabaseCheckTests
{
    [Fact]
    public async Task Databases_that_are_up_to_date_are_passed_without_a_word()
    {
        await using var databases = await TestDatabases.CreateAsync();
        (await CheckAsync(databases.Settings.Portal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_script_that_is_lacking_stops_the_portal_and_names_the_verb_to_run()
    {
        await using var databases = await TestDatabases.CreateAsync();
        await using (var forget = databases.SuperuserOfNew.CreateCommand("delete from portal_migration.journal where scriptname like 'new/0002%'"))
        {
            await forget.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var message = (await Should.ThrowAsync<SetupException>(() => CheckAsync(databases.Settings.Portal))).Message;
        message.ShouldContain("lacks 1 scripts of this version, new/0002_timesheet.sql first");
        message.ShouldContain("`migrate`");
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_named()
    {
        await using var databases = await TestDatabases.CreateAsync();
        var settings = databases.Settings.Portal with { New = With(databases.Settings.Portal.New, c => c.Database = "nowhere") };
        (await Should.ThrowAsync<SetupException>(() => CheckAsync(settings))).Message.ShouldStartWith("There is no database nowhere at 127.0.0.1:");
    }

    [Fact]
    public async Task The_portal_starts_while_the_old_server_is_away_and_says_so()
    {
        await using var databases = await TestDatabases.CreateAsync();
        var settings = databases.Settings.Portal with { Old = With(databases.Settings.Portal.Old, c => c.Port = 1) };
        (await CheckAsync(settings)).ShouldHaveSingleItem().ShouldContain("cannot be reached at 127.0.0.1:1");
    }

    [Fact]
    public async Task It_does_not_start_while_the_new_server_is_away()
    {
        await using var databases = await TestDatabases.CreateAsync();
        var settings = databases.Settings.Portal with { New = With(databases.Settings.Portal.New, c => c.Port = 1) };
        (await Should.ThrowAsync<SetupException>(() => CheckAsync(settings))).Message.ShouldContain("Check that the server runs, and ConnectionStrings:New.");
    }

    [Fact]
    public async Task A_portal_that_logs_in_as_superuser_is_warned()
    {
        await using var databases = await TestDatabases.CreateAsync();
        var settings = databases.Settings.Portal with { New = databases.Settings.New };
        (await CheckAsync(settings)).ShouldHaveSingleItem().ShouldStartWith("ConnectionStrings:New logs in as a superuser (postgres).");
    }

    private static Task<IReadOnlyList<string>> CheckAsync(ConnectionSettings settings) =>
        new DatabaseCheck(settings).RunAsync(TestContext.Current.CancellationToken);

    private static string With(string connectionString, Action<NpgsqlConnectionStringBuilder> change)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        change(builder);
        return builder.ConnectionString;
    }
}
