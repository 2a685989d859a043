using Npgsql;
using Portal.Tests.Support;

namespace Portal.Tests.Databases;

/// <summary>Rules that all SQL of ours keeps, whoever adds to it.</summary>
[EveryPostgres]
public sealed class SqlConventionTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>
{
    // What an extension brings along is not ours.
    private const string Functions = """
        with ours as (
            select p.*, p.oid::regprocedure::text as name
              from pg_proc p
             where p.pronamespace::regnamespace::text in ('public', 'mapping', 'replication', 'portal_replication')
               and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
        )
        select name from ours where
        """;

    private const string Relations = """
        with ours as (
            select c.oid, c.oid::regclass::text as name, c.relkind
              from pg_class c
             where c.relnamespace::regnamespace::text in ('public', 'mapping', 'replication', 'identity', 'portal_replication')
               and c.relkind in ('r', 'v')
               and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
        )
        """;

    // Every function that is a trigger's is checked with its table and the transition tables it is given. Without security
    // warnings: these are for every dynamic statement whose table comes from replication.mapping, which only the owner writes.
    private const string Check = """
        select p.oid::regprocedure || ': ' || c.level || ' at line ' || coalesce(c.lineno, 0) || ': ' || c.message
          from pg_proc p
          join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
          left join pg_trigger t on t.tgfoid = p.oid
         cross join lateral plpgsql_check_function_tb(p.oid, relid => coalesce(t.tgrelid, 0), fatal_errors => false, extra_warnings => true,
                    oldtable => t.tgoldtable, newtable => t.tgnewtable) c
         where p.pronamespace::regnamespace::text in ('public', 'mapping', 'replication', 'portal_replication')
         order by 1
        """;

    public static TheoryData<string> Databases => ["new", "old"];

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task There_are_functions_to_look_at(string which) =>
        (await NamesAsync(which, Functions + " true")).Count.ShouldBeGreaterThanOrEqualTo(which == "new" ? 30 : 1);

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Every_function_has_a_fixed_search_path(string which) =>
        (await NamesAsync(which, Functions + " 'search_path=pg_catalog, pg_temp' <> all (coalesce(proconfig, '{}'))")).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Every_function_says_what_it_is_for(string which) =>
        (await NamesAsync(which, Functions + " obj_description(oid, 'pg_proc') is null")).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task No_function_is_everybodys_but_what_a_triggers_condition_calls(string which) =>
        (await NamesAsync(which, Functions + """
             has_function_privilege('public', oid, 'execute')
                and not exists (select from pg_depend d join pg_trigger t on t.oid = d.objid and t.tgfoid <> d.refobjid
                                 where d.classid = 'pg_trigger'::regclass and d.refclassid = 'pg_proc'::regclass and d.refobjid = ours.oid)
            """)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Every_table_and_view_says_what_it_is(string which) =>
        (await NamesAsync(which, Relations + "select name from ours where obj_description(oid, 'pg_class') is null")).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Every_column_of_a_table_says_what_it_is(string which) =>
        (await NamesAsync(which, Relations + """
            select name || '.' || a.attname from ours join pg_attribute a on a.attrelid = ours.oid and a.attnum > 0 and not a.attisdropped
             where relkind = 'r' and col_description(a.attrelid, a.attnum) is null
            """)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Every_schema_says_what_it_is(string which) =>
        (await NamesAsync(which, """
            select nspname from pg_namespace
             where nspname in ('public', 'mapping', 'replication', 'identity', 'timesheet_old_schema', 'portal_replication') and obj_description(oid, 'pg_namespace') is null
            """)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task The_static_check_of_the_functions_has_nothing_to_say_where_the_server_has_plpgsql_check(string which)
    {
        if ((await NamesAsync(which, "select name from pg_available_extensions where name = 'plpgsql_check'")).Count == 0)
        {
            Assert.Skip("Not checked: this server has no extension plpgsql_check (Debian: postgresql-15-plpgsql-check).");
        }

        await NamesAsync(which, "create extension if not exists plpgsql_check");

        (await NamesAsync(which, Check)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_static_check_would_find_a_fault_where_the_server_has_plpgsql_check()
    {
        if ((await NamesAsync("new", "select name from pg_available_extensions where name = 'plpgsql_check'")).Count == 0)
        {
            Assert.Skip("Not checked: this server has no extension plpgsql_check (Debian: postgresql-15-plpgsql-check).");
        }

        await using var connection = await database.Databases.SuperuserOfNew.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var fault = new NpgsqlCommand("""
            create extension if not exists plpgsql_check;
            create function replication.faulty() returns void language plpgsql as $$ begin perform no_such_column from replication.control; end $$;
            """, connection);
        await fault.ExecuteNonQueryAsync();
        await using var check = new NpgsqlCommand(Check, connection);

        (await check.ExecuteScalarAsync()).ShouldBeOfType<string>().ShouldContain("no_such_column");
    }

    private async Task<List<string>> NamesAsync(string which, string sql)
    {
        var databases = database.Databases;
        await using var command = (which == "new" ? databases.SuperuserOfNew : databases.SuperuserOfOld).CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var names = new List<string>();
        while (await reader.ReadAsync())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }
}
