using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Portal.Web.Approvals;

/// <summary>Failures that a page answers to, because another try may succeed: the database, old or new, does not answer.</summary>
internal static partial class Outage
{
    public static bool Is(Exception exception) =>
        exception is DbException or DbUpdateException or TimeoutException
        // What Entity Framework makes of a lost connection.
        || exception is InvalidOperationException { InnerException: DbException or TimeoutException };

    [LoggerMessage(LogLevel.Error, "The database failed while {Doing}")]
    public static partial void Log(ILogger logger, Exception exception, string doing);
}
