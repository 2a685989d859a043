using Npgsql;

namespace Portal.Data.Databases;

/// <summary>Looks, before the portal is served, whether configured databases are ready for it. Changes nothing.</summary>
public sealed class DatabaseCheck(ConnectionSettings settings)
{
    /// <returns>What is not as it should be, yet no reason not to start.</returns>
    /// <exception cref="SetupException">The portal cannot work with these databases.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellation)
    {
        List<string> warnings = [.. await CheckAsync(DatabaseNames.New, settings.New, "ConnectionStrings:New", cancellation)];
        if (await Retirement.IsRetiredAsync(settings.New, cancellation))
        {
            return warnings;
        }

        try
        {
            warnings.AddRange(await CheckAsync(DatabaseNames.Old, settings.Old, "ConnectionStrings:Old", cancellation));
        }
        catch (UnreachableException exception)
        {
            // Work goes on while the old server is away.
            warnings.Add($"{exception.Message} Until then users' changes are kept, and they are delivered when it is back.");
        }

        return warnings;
    }

    private static async Task<IReadOnlyList<string>> CheckAsync(string name, string connectionString, string setting, CancellationToken cancellation)
    {
        var login = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var database = NpgsqlDataSource.Create(login);
        try
        {
            await using var superuser = database.CreateCommand("select rolsuper from pg_roles where rolname = current_user");
            var isSuperuser = await superuser.ExecuteScalarAsync(cancellation) is true;
            if (new ScriptRunner(database, Script.Of(name)).Pending() is { Count: > 0 } pending)
            {
                throw new SetupException(
                    $"{login.Database} lacks {pending.Count} scripts of this version, {pending[0]} first. "
                    + "Run the portal once with the verb `migrate` (`migrate --dry-run` lists them).");
            }

            return isSuperuser
                ? [$"{setting} logs in as a superuser ({login.Username}). A login that is only a member of portal_app would do."]
                : [];
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            throw new SetupException($"There is no database {login.Database} at {login.Host}:{login.Port}. Run the portal once with the verb `migrate`.", exception);
        }
        catch (Exception exception) when (DatabaseErrors.Explain(exception, login, setting) is { } explained)
        {
            throw name == DatabaseNames.Old && exception is not PostgresException ? new UnreachableException(explained.Message, exception) : explained;
        }
    }

    private sealed class UnreachableException(string message, Exception cause) : Exception(message, cause);
}
