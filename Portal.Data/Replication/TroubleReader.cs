using System.Net.Sockets;
using Npgsql;
using Portal.Data.Replication.Comparing;

namespace Portal.Data.Replication;

/// <summary>
/// Puts failures of the two databases into plain words, by their SQLSTATE
/// (<see href="https://www.postgresql.org/docs/current/errcodes-appendix.html"/>).
/// </summary>
internal static class TroubleReader
{
    /// <summary>Whether a failure is one that databases have; anything else is a fault of the portal and not for here.</summary>
    public static bool IsOfDatabase(Exception failure) =>
        failure is NpgsqlException or TimeoutException or SocketException or OldDatabaseException;

    /// <summary>A failure of a command sent to the new database, where the foreign table may have been the cause, or of the old one.</summary>
    public static Trouble OfNew(Exception failure) => failure switch
    {
        OldDatabaseException { InnerException: { } cause } => OfOld(cause),
        PostgresException { SqlState: "08001" } error => CannotConnectToOld(error),
        PostgresException { SqlState: "2F003" } error => Old(
            "The old database asked for no password, and the new one does not accept that.",
            "Let the old server ask this user for a password (scram-sha-256 in its pg_hba.conf).", error),
        PostgresException { SqlState: "08000" or "08003" or "08006" } error => Lost(error),
        PostgresException error when ComesFromOld(error) => OfOld(error),
        PostgresException { SqlState: "PR001" } => new(
            TroubleKind.Retired, "The old database was retired: there is nothing left to do there.", "The page Plan says when, and by whom.", null),
        PostgresException { SqlState: "42704" or "3F000" or "42P01" or "42883" } error => New(
            "The replication is not set up in the new database, or it was retired.",
            "Look at the page Plan; if it is not retired, run the command migrate.", error),
        PostgresException { SqlState: "42804" or "42703" } error => New(
            "The old table has not the columns that the mapping gives it.",
            "Look at the page Servers: it shows the columns side by side and imports them anew.", error),
        PostgresException { SqlState: "42501" } error => New(
            "The portal may not read this in the new database.",
            "See that the portal's login is a member of portal_app.", error),
        PostgresException { SqlState: "57014" } error => Old(
            "The old database did not answer in time.",
            "Look whether its server is overloaded, or whether a lock holds the table.", error),
        PostgresException error => New(
            "The new database could not answer.", "Look into its server's log.", error),
        TimeoutException or NpgsqlException { InnerException: TimeoutException } => NoAnswerOfNew,
        // What could not even be connected to has done nothing.
        NpgsqlException { InnerException: IOException } => Trouble.NewDatabaseAway with { MayBeDone = true },
        _ => Trouble.NewDatabaseAway,
    };

    /// <summary>A failure of a connection made to the old database directly, or one that it reported through the wrapper.</summary>
    public static Trouble OfOld(Exception failure) => failure switch
    {
        PostgresException { SqlState: "28P01" or "28000" } error => BadLogin(error),
        PostgresException { SqlState: "3D000" } error => NoDatabase(error),
        PostgresException { SqlState: "42P01" } error => Old(
            "The old table is not there any more.",
            "Look whether it was renamed or moved, then run the command migrate, which imports it anew.", error),
        PostgresException { SqlState: "42703" or "42804" } error => Old(
            "A column of the old table was renamed, removed or changed.",
            "Look at the page Servers: it shows the columns side by side and imports them anew.", error),
        PostgresException { SqlState: "42501" } error => Old(
            "The old database does not let this user read the table.",
            "Grant select on timesheet_old to the user there (portal_app has it).", error),
        PostgresException { SqlState: "53300" } error => Old(
            "The old database has no connection left.", "Raise max_connections there, or end idle sessions.", error),
        PostgresException { SqlState: "57P01" or "57P02" or "57P03" } error => Old(
            "The old database is starting or stopping.", "Try again in a moment.", error),
        PostgresException { SqlState: "57014" or "55P03" } error => Late(error.SqlState),
        PostgresException { SqlState: "08000" or "08003" or "08006" } error => Lost(error),
        PostgresException error => Old("The old database answered with an error.", "Look into its server's log.", error),
        OperationCanceledException or TimeoutException => Late(null),
        NpgsqlException { InnerException: TimeoutException } => Late(null),
        _ => NoAnswer(null),
    };

    /// <summary>Nothing was heard within the time allowed.</summary>
    public static Trouble Late(string? code) => new(
        TroubleKind.OldDatabase,
        "The old database did not answer in time.",
        "Look whether its server hangs or is overloaded, or whether something blocks the network.",
        code);

    private static Trouble NoAnswerOfNew { get; } = new(
        TroubleKind.NewDatabase,
        "The new database did not answer in time.",
        "Look whether its server is overloaded, or waits for the old one: the page Servers tells.")
    {
        MayBeDone = true,
    };

    // The wrapper reports every failed log-in as 08001; what the old server said stands in the detail only.
    private static Trouble CannotConnectToOld(PostgresException error) => error.Detail switch
    {
        { } text when Says(text, "authentication failed", "no pg_hba.conf entry") => BadLogin(error),
        { } text when Says(text, "database \"") && Says(text, "does not exist") => NoDatabase(error),
        { } text when Says(text, "timeout expired") => Late(error.SqlState),
        { } text when Says(text, "starting up", "shutting down") => Old(
            "The old database is starting or stopping.", "Try again in a moment.", error),
        _ => NoAnswer(error),
    };

    // An error of the remote server carries the remote command as its context.
    private static bool ComesFromOld(PostgresException error) =>
        error.Where?.Contains("remote SQL command", StringComparison.Ordinal) ?? false;

    private static bool Says(string text, params ReadOnlySpan<string> phrases)
    {
        foreach (var phrase in phrases)
        {
            if (text.Contains(phrase, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static Trouble NoAnswer(PostgresException? error) => Old(
        "The old database cannot be reached.",
        "Check that its server runs, and that host and port are right.", error);

    private static Trouble BadLogin(PostgresException error) => Old(
        "The old database refused the login.",
        "Check the user and the password in the settings, then run the command migrate, which passes them on.", error);

    private static Trouble NoDatabase(PostgresException error) => Old(
        "The old server has no database of that name.", "Check the database's name in the settings.", error);

    private static Trouble Lost(PostgresException error) => Old(
        "The connection to the old database was lost.",
        "Try again in a moment; if it stays so, check that the old server runs and look into its log.", error);

    private static Trouble Old(string summary, string check, PostgresException? error) =>
        new(TroubleKind.OldDatabase, summary, check, error?.SqlState);

    private static Trouble New(string summary, string check, PostgresException? error) =>
        new(TroubleKind.NewDatabase, summary, check, error?.SqlState);
}
