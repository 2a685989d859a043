using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Portal.Data.Databases;

/// <summary>
/// Repeats what the new database has rolled back because its link to the old one broke in the very moment of the commit:
/// the one failure of the replication that reaches a transaction (see docs/replication.md). Nothing else is repeated.
/// </summary>
/// <remarks>Transactions that are begun by hand run inside <c>Database.CreateExecutionStrategy().ExecuteAsync</c>.</remarks>
public sealed class RepeatRolledBack(ExecutionStrategyDependencies dependencies)
    : ExecutionStrategy(dependencies, maxRetryCount: 4, maxRetryDelay: TimeSpan.FromMilliseconds(500))
{
    /// <summary>Whether the server itself said that this was rolled back, and why can pass.</summary>
    /// <remarks>
    /// An ERROR is said of a transaction that is rolled back for sure. Not so what ends the session, or a connection that just
    /// breaks: then the change may have been made, and to repeat it could make it twice.
    /// </remarks>
    public static bool IsRolledBack(Exception exception) =>
        exception is not OperationCanceledException
        && DatabaseTrouble.Error(exception) is { InvariantSeverity: "ERROR" } error
        && (error.SqlState.StartsWith("08", StringComparison.Ordinal)
            // Let go by release_waiting(), because the old server hung and had not answered to the commit.
            || error.SqlState is PostgresErrorCodes.QueryCanceled
            // What the old server says last when it is shut down or crashes; the wrapper hands it on.
            || error.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow);

    protected override bool ShouldRetryOn(Exception exception) => IsRolledBack(exception);

    // The second try opens a new connection to the old database or, if there is none to be had, queues: no need to wait.
    protected override TimeSpan? GetNextDelay(Exception lastException) =>
        base.GetNextDelay(lastException) is null ? null : TimeSpan.FromMilliseconds(20 * (1 << ExceptionsEncountered.Count));
}
