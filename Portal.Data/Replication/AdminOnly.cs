using Microsoft.Extensions.Logging;
using Portal.Data.Accounts;

namespace Portal.Data.Replication;

/// <summary>The way into every replication service: admins only, and a database's failure becomes an answer.</summary>
internal static partial class AdminOnly
{
    public static Task<Answer<T>> Answer<T>(Caller? caller, ILogger log, Func<Task<T>> read)
        where T : class =>
        Answer(caller, log, async () => (Answer<T>)await read());

    public static async Task<Answer<T>> Answer<T>(Caller? caller, ILogger log, Func<Task<Answer<T>>> read)
        where T : class
    {
        if (caller is not { Role: AccountRole.Admin })
        {
            LogRefused(log, caller?.AccountId);
            return Trouble.NotAllowed;
        }

        try
        {
            return await read();
        }
        catch (TroubleException known)
        {
            return known.Trouble;
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
        {
            var trouble = TroubleReader.OfNew(failure);
            // That it is retired is no failure.
            if (trouble.Kind != TroubleKind.Retired)
            {
                LogFailed(log, failure, trouble.Summary);
            }

            return trouble;
        }
    }

    /// <summary>Reads how it is after a change. If that fails, the change was made all the same, and the answer says so.</summary>
    public static async Task<T> AfterChange<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
        {
            throw new TroubleException(TroubleReader.OfNew(failure) with { Done = "It was done, but how it is now could not be told." });
        }
    }

    /// <summary>Notes that some work has failed. If it is the new database that is away, that is left to the portal that goes on with it.</summary>
    public static async Task UnlessAway(Func<Task> note)
    {
        try
        {
            await note();
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
        {
            // Whoever asked is told of the first failure.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Refused to show the replication to account {AccountId}")]
    private static partial void LogRefused(ILogger log, string? accountId);

    [LoggerMessage(LogLevel.Warning, "Replication could not be read: {Summary}")]
    private static partial void LogFailed(ILogger log, Exception failure, string summary);
}
