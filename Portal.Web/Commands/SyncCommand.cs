using System.CommandLine;

namespace Portal.Web.Commands;

internal static class SyncCommand
{
    public static Command Create() =>
        new("sync", "Look at the replication: exit code 0 means no difference, 1 differences, 2 could not tell.");
}
