using Npgsql;

namespace Portal.Data.Databases;

/// <summary>Brings both databases up to the scripts of this version. It may be repeated at any time, by several at once.</summary>
public sealed class Migration(MigrationSettings settings, Action<string> say)
{
    // Any number will do, as long as every migration takes the same.
    private const long _lock = 4_873_201_655;

    private readonly DatabaseTarget _old = new(DatabaseNames.Old, settings.Old,
    [
        Login(settings.Portal.Old, "portal_app"),
        new LoginRole(settings.ForeignServer.User, settings.ForeignServer.Password, "portal_replicator"),
    ]);

    private readonly DatabaseTarget _new = new(DatabaseNames.New, settings.New, [Login(settings.Portal.New, "portal_app")]);

    /// <summary>Applies what is pending and connects the new database to the old one.</summary>
    /// <returns>How many scripts ran.</returns>
    public async Task<int> ApplyAsync(CancellationToken cancellation)
    {
        var scripts = 0;
        if (await Retirement.IsRetiredAsync(settings.New, cancellation))
        {
            say("The old database was retired and is left alone.");
        }
        else
        {
            scripts = await ApplyAsync(_old, static (_, _) => Task.CompletedTask, cancellation);
        }

        return scripts + await ApplyAsync(_new, ConnectAsync, cancellation);
    }

    /// <summary>What <see cref="ApplyAsync(CancellationToken)"/> would do, one line each; changes nothing.</summary>
    public async Task<IReadOnlyList<string>> PendingAsync(CancellationToken cancellation) =>
        [.. await Retirement.IsRetiredAsync(settings.New, cancellation) ? [] : await PendingAsync(_old, cancellation), .. await PendingAsync(_new, cancellation)];

    private async Task<int> ApplyAsync(DatabaseTarget target, Func<NpgsqlDataSource, CancellationToken, Task> afterwards, CancellationToken cancellation)
    {
        var connection = await target.OpenAsync(cancellation);
        while (connection is null)
        {
            await target.CreateDatabaseAsync(say, cancellation);
            connection = await target.OpenAsync(cancellation);
        }

        // Closing the connection lets go of the lock.
        await using (connection)
        {
            await LockAsync(connection, cancellation);
            await target.BootstrapAsync(connection, cancellation);
            await target.CreateLoginsAsync(connection, say, cancellation);
            await using var owner = target.AsOwner();
            var scripts = await new ScriptRunner(owner, target.Scripts).ApplyAsync(say, cancellation);
            await afterwards(owner, cancellation);
            return scripts;
        }
    }

    private static async Task<IReadOnlyList<string>> PendingAsync(DatabaseTarget target, CancellationToken cancellation)
    {
        await using var connection = await target.OpenAsync(cancellation);
        if (connection is null)
        {
            return ["create the database", Script.Bootstrap, .. target.Scripts.Select(s => s.Name)];
        }

        var missing = await target.MissingLoginsAsync(connection, cancellation);
        await using var login = target.AsLogin();
        return
        [
            .. await target.IsBootstrappedAsync(connection, cancellation) ? [] : (string[])[Script.Bootstrap],
            .. missing.Select(m => $"login role {m.Name}"),
            .. new ScriptRunner(login, target.Scripts).Pending(),
        ];
    }

    private async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var attempt = new NpgsqlCommand($"select pg_try_advisory_lock({_lock})", connection);
        if (await attempt.ExecuteScalarAsync(cancellation) is true)
        {
            return;
        }

        say("Waiting for another migration to end ...");
        await using var wait = new NpgsqlCommand($"select pg_advisory_lock({_lock})", connection) { CommandTimeout = 0 };
        await wait.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Tells the new database where the old one is, and who logs in there.</summary>
    internal async Task ConnectAsync(NpgsqlDataSource newDatabase, CancellationToken cancellation)
    {
        var foreign = settings.ForeignServer;
        var reader = Login(settings.Portal.Old, "portal_app");
        await using var connect = newDatabase.CreateCommand("select replication.connect_old_server($1, $2, $3, $4, $5, $6, $7)");
        foreach (var value in (object[])[foreign.Host, foreign.Port, foreign.Database, foreign.User, foreign.Password, reader.Name, reader.Password])
        {
            connect.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        try
        {
            await connect.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException exception)
        {
            throw new SetupException(
                $"The new database cannot use the old one at {foreign.Host}:{foreign.Port} as {foreign.User}: {exception.MessageText}. "
                + "Check Replication:ForeignServer; its host is as the new database's server sees it.", exception);
        }
    }

    private static LoginRole Login(string connectionString, string memberOf)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString);
        return new LoginRole(
            connection.Username ?? throw new SetupException("A connection string of ConnectionStrings names no user."),
            connection.Password ?? throw new SetupException("A connection string of ConnectionStrings has no password."),
            memberOf);
    }
}
