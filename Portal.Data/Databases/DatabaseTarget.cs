using Npgsql;

namespace Portal.Data.Databases;

/// <summary>A role that logs in, and what it is a member of.</summary>
internal sealed record LoginRole(string Name, string Password, string MemberOf);

/// <summary>One database as a migration sees it.</summary>
/// <param name="name">One of <see cref="DatabaseNames"/>.</param>
/// <param name="connectionString">Of the login that migrates.</param>
/// <param name="logins">Roles that are to exist.</param>
internal sealed class DatabaseTarget(string name, string connectionString, IReadOnlyList<LoginRole> logins)
{
    private const string _owner = MigrationSettings.OwnerRole;

    private readonly NpgsqlConnectionStringBuilder _login = new(connectionString);

    private string Database => _login.Database ?? throw new SetupException($"Migration:{Title} names no database.");

    private string Title => name == DatabaseNames.New ? "New" : "Old";

    public IReadOnlyList<Script> Scripts { get; } = Script.Of(name);

    /// <summary>Connects as the login that migrates.</summary>
    /// <returns>Null if the database does not exist.</returns>
    public async Task<NpgsqlConnection?> OpenAsync(CancellationToken cancellation)
    {
        try
        {
            return await OpenAsync(Database, cancellation);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return null;
        }
    }

    /// <summary>A source of connections that act as the owner of everything.</summary>
    public NpgsqlDataSource AsOwner() => NpgsqlDataSource.Create(MigrationSettings.AsOwner(connectionString));

    /// <summary>A source of connections as the login itself.</summary>
    public NpgsqlDataSource AsLogin() => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });

    public async Task CreateDatabaseAsync(Action<string> say, CancellationToken cancellation)
    {
        try
        {
            await using var maintenance = await OpenAsync("postgres", cancellation);
            await using var create = new NpgsqlCommand($"create database {Quote(Database)}", maintenance);
            await create.ExecuteNonQueryAsync(cancellation);
            say($"  database {Database} created");
        }
        catch (PostgresException exception) when (
            exception.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ObjectInUse)
        {
            // Another migration has just created it, or is about to.
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellation);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new SetupException($"The database {Database} does not exist, and {_login.Username} may not create it. "
                + $"Let a superuser run: create database {Quote(Database)}", exception);
        }
    }

    /// <summary>What only a superuser may do; a lesser login checks that it has been done.</summary>
    public async Task BootstrapAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (await IsTrueAsync(connection, "select rolsuper from pg_roles where rolname = current_user", cancellation))
        {
            await using var bootstrap = new NpgsqlCommand(Script.BootstrapOf(name).Text, connection) { CommandTimeout = 0 };
            await bootstrap.ExecuteNonQueryAsync(cancellation);
        }
        else if (!await IsBootstrappedAsync(connection, cancellation))
        {
            throw new SetupException(
                $"The database {Database} is not prepared, which takes a superuser once. Let one run: "
                + $"psql -h {_login.Host} -p {_login.Port} -d {Database} -f db-scripts/{name}/{Script.Bootstrap}\n"
                + $"and make {_login.Username} a member of {_owner}: grant {_owner} to {Quote(_login.Username ?? "")}");
        }
    }

    public async Task<bool> IsBootstrappedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        // In two steps, because asking for membership of a role that does not exist is an error.
        var extensions = name == DatabaseNames.New ? 2 : 0;
        return await IsTrueAsync(connection, $"""
                   select (select count(*) from pg_roles where rolname in ('portal_owner', 'portal_app', 'portal_replicator')) = 3
                      and (select count(*) from pg_extension where extname in ('postgres_fdw', 'btree_gist')) >= {extensions}
                      and (select r.rolname = '{_owner}' from pg_database d join pg_roles r on r.oid = d.datdba where d.datname = current_database())
                   """, cancellation)
            && await IsTrueAsync(connection, $"select pg_has_role(current_user, '{_owner}', 'member')", cancellation);
    }

    public async Task<IReadOnlyList<LoginRole>> MissingLoginsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var missing = new List<LoginRole>();
        foreach (var login in logins)
        {
            await using var exists = new NpgsqlCommand("select exists (select from pg_roles where rolname = $1)", connection) { Parameters = { new() { Value = login.Name } } };
            if (await exists.ExecuteScalarAsync(cancellation) is false)
            {
                missing.Add(login);
            }
        }

        return missing;
    }

    /// <summary>Creates the login roles that are missing and sees to it that all have their rights. A password that exists is left alone.</summary>
    public async Task CreateLoginsAsync(NpgsqlConnection connection, Action<string> say, CancellationToken cancellation)
    {
        foreach (var login in await MissingLoginsAsync(connection, cancellation))
        {
            var verifier = ScramVerifier.Of(login.Password);
            if (await TryAsync(connection, $"create role {Quote(login.Name)} login password '{verifier}'",
                    $"Let a superuser run: create role {Quote(login.Name)} login password '...' in role {login.MemberOf}", cancellation))
            {
                say($"  login role {login.Name} created");
            }
        }

        foreach (var login in logins)
        {
            await using var has = new NpgsqlCommand("select pg_has_role($1, $2, 'member')", connection)
            {
                Parameters = { new() { Value = login.Name }, new() { Value = login.MemberOf } },
            };
            if (await has.ExecuteScalarAsync(cancellation) is false)
            {
                await TryAsync(connection, $"grant {login.MemberOf} to {Quote(login.Name)}",
                    $"Let a superuser run: grant {login.MemberOf} to {Quote(login.Name)}", cancellation);
            }
        }
    }

    private static async Task<bool> TryAsync(NpgsqlConnection connection, string sql, string wayOut, CancellationToken cancellation)
    {
        try
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellation);
            return true;
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
        {
            // Roles belong to the whole cluster: another migration has just done it.
            return false;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new SetupException($"The login of Migration may not do this. {wayOut}", exception);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(string database, CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Database = database, Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch (Exception exception)
        {
            await connection.DisposeAsync();
            throw DatabaseErrors.Explain(exception, _login, $"Migration:{Title}") ?? exception;
        }
    }

    private static async Task<bool> IsTrueAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
