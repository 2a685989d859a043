using System.CommandLine;
using Portal.Data.Databases;

namespace Portal.Web.Commands;

internal static class MigrateCommand
{
    public static Command Create()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "List what would be applied and change nothing." };
        var command = new Command("migrate",
            "Apply all scripts to both databases and connect the new one to the old one. May be repeated; what has been applied is left alone. "
            + "Needs Migration:New and Migration:Old, connection strings with the rights to create, when servers are configured.")
        {
            dryRun,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.UnmatchedTokens, parsed.GetValue(dryRun), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(IReadOnlyList<string> settings, bool dryRun, CancellationToken cancellation)
    {
        await using var databases = await CommandDatabases.OpenAsync(settings, Console.WriteLine, cancellation);
        var migration = new Migration(MigrationSettings.From(databases.Configuration), Console.WriteLine);
        if (dryRun)
        {
            var pending = await migration.PendingAsync(cancellation);
            Console.WriteLine(pending.Count == 0 ? "Nothing to apply." : "Would be applied:");
            pending.ToList().ForEach(line => Console.WriteLine($"  {line}"));
        }
        else
        {
            var count = await migration.ApplyAsync(cancellation);
            Console.WriteLine(count == 0 ? "Nothing to apply; both databases are up to date." : $"{count} scripts applied.");
        }

        return ExitCodes.Done;
    }
}
