using System.Data.Common;
using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>How pages, dialogues and their parts put a question to a replication service.</summary>
internal static class CallerQuestions
{
    /// <summary>Puts a question as whoever looks at the page, who is read anew for it.</summary>
    public static async Task<Answer<T>> AskAsync<T>(this CurrentCaller caller, Func<Caller?, Task<Answer<T>>> ask)
        where T : class
    {
        Caller? by;
        try
        {
            by = await caller.GetAsync();
        }
        catch (Exception failure) when ((failure as DbException ?? failure.InnerException) is DbException)
        {
            // Accounts are in the new database.
            return Trouble.NewDatabaseAway;
        }

        if (by is null)
        {
            caller.SignInAgain();
        }

        return await ask(by);
    }
}
