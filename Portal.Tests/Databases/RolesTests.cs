using Npgsql;
using Portal.Tests.Support;

namespace Portal.Tests.Databases;

/// <summary>What the portal's own logins may and may not do.</summary>
[EveryPostgres]
public sealed class RolesTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>
{
    private TestDatabases Databases => database.Databases;

    [Fact]
    public async Task The_portals_logins_are_ordinary_and_own_nothing()
    {
        foreach (var login in new[] { Databases.New, Databases.Old })
        {
            (await ScalarAsync(login, """
                select count(*) from pg_roles
                 where pg_has_role(current_user, oid, 'member') and (rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls)
                """)).ShouldBe(0L);
            (await ScalarAsync(login, "select count(*) from pg_shdepend d join pg_roles r on r.oid = d.refobjid where r.rolname = current_user and d.deptype = 'o'")).ShouldBe(0L);
            (await ScalarAsync(login, "select pg_has_role(current_user, 'portal_owner', 'member')")).ShouldBe(false);
        }
    }

    [Theory]
    [InlineData("insert into timesheet_old_schema.timesheet_old (id, worker_id, hospital_id, status, is_approved) values (1, 1, 1, 'draft', false)")]
    [InlineData("update timesheet_old_schema.timesheet_old set status = 'approved'")]
    [InlineData("delete from timesheet_old_schema.timesheet_old")]
    [InlineData("truncate timesheet_old_schema.timesheet_old")]
    [InlineData("create table public.mine (id int)")]
    [InlineData("create schema mine")]
    [InlineData("alter table timesheet_new disable trigger all")]
    [InlineData("truncate timesheet_new cascade")]
    [InlineData("update timesheet_history set reason = 'another'")]
    [InlineData("delete from timesheet_history")]
    [InlineData("select replication.write_timesheet_old('{1}', '{}', '{}')")]
    [InlineData("select replication.connect_old_server('h', 1, 'd', 'w', 'p', 'r', 'p')")]
    [InlineData("insert into replication.outbox (mapping, keys) values ('timesheet_old', '{1}')")]
    [InlineData("delete from portal_migration.journal")]
    [InlineData("set role portal_owner")]
    [InlineData("alter server timesheet_old_server options (set host 'elsewhere')")]
    [InlineData("create user mapping for current_user server timesheet_old_server options (user 'replicator')")]
    public async Task In_the_new_database_the_portals_login_may_not(string statement) => await IsRefusedAsync(Databases.New, statement);

    [Theory]
    [InlineData("insert into timesheet_old (id, worker_id, hospital_id, status, is_approved) values (1, 1, 1, 'draft', false)")]
    [InlineData("update timesheet_old set status = 'approved'")]
    [InlineData("delete from timesheet_old")]
    [InlineData("create table public.mine (id int)")]
    public async Task In_the_old_database_the_portals_login_may_not(string statement) => await IsRefusedAsync(Databases.Old, statement);

    [Fact]
    public async Task The_passwords_of_the_user_mappings_are_hidden_from_the_portals_login()
    {
        (await ScalarAsync(Databases.New, "select count(*) from pg_user_mappings where umoptions is not null")).ShouldBe(0L);
        (await ScalarAsync(Databases.New, "select count(*) from pg_user_mappings")).ShouldBe(2L);
        await IsRefusedAsync(Databases.New, "select * from pg_user_mapping");
    }

    [Fact]
    public async Task The_replicators_login_may_write_the_old_table_and_nothing_else()
    {
        var foreign = Databases.Settings.ForeignServer;
        await using var replicator = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Databases.Settings.Old)
        {
            Username = foreign.User,
            Password = foreign.Password,
            Pooling = false,
        });
        (await ScalarAsync(replicator, "insert into timesheet_old (id, worker_id, hospital_id, status, is_approved) values (1, 1, 1, 'draft', false) returning id")).ShouldBe(1L);
        await IsRefusedAsync(replicator, "create table public.mine (id int)");
        await IsRefusedAsync(replicator, "alter table timesheet_old add column extra int");
    }

    private static async Task IsRefusedAsync(NpgsqlDataSource database, string statement) =>
        (await Should.ThrowAsync<PostgresException>(() => ScalarAsync(database, statement))).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);

    private static async Task<object?> ScalarAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
