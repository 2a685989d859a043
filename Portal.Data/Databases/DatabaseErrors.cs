using Npgsql;

namespace Portal.Data.Databases;

/// <summary>Failures to connect, in words that say what to look at.</summary>
internal static class DatabaseErrors
{
    /// <param name="setting">Configuration key the connection comes from.</param>
    /// <returns>Null if the failure is of another kind, a database that does not exist included.</returns>
    public static SetupException? Explain(Exception exception, NpgsqlConnectionStringBuilder connection, string setting) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } refused =>
            new SetupException(
                $"The server at {connection.Host}:{connection.Port} does not let {connection.Username} in: {refused.MessageText}. "
                + $"Check user name and password in {setting}, and the server's pg_hba.conf.", exception),
        PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow } starting =>
            new SetupException($"The server at {connection.Host}:{connection.Port} takes no connections now: {starting.MessageText}. Try again in a moment.", exception),
        PostgresException => null,
        NpgsqlException or TimeoutException or System.Net.Sockets.SocketException =>
            new SetupException(
                $"The database {connection.Database} cannot be reached at {connection.Host}:{connection.Port}: "
                + $"{(exception.InnerException ?? exception).Message}. Check that the server runs, and {setting}.", exception),
        _ => null,
    };
}
