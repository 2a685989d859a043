using System.Data.Common;
using Npgsql;

namespace Portal.Data.Databases;

/// <summary>Tells a database that cannot be reached, or refuses, from a fault of our own.</summary>
public static class DatabaseTrouble
{
    /// <summary>What to tell a person whose change could not be kept.</summary>
    public const string NotSaved = "This could not be saved just now. What you entered is still here: please try again in a minute.";

    /// <summary>Entity Framework wraps what the driver throws, at times more than once.</summary>
    public static bool Is(Exception? exception) => exception switch
    {
        null => false,
        DbException or TimeoutException => true,
        _ => Is(exception.InnerException),
    };

    /// <summary>PostgreSQL's error, if it is one.</summary>
    public static PostgresException? Error(Exception? exception) => exception switch
    {
        null => null,
        PostgresException error => error,
        _ => Error(exception.InnerException),
    };
}
