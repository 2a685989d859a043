using System.CommandLine;
using Portal.Data.Accounts;
using Portal.Data.Databases;
using Portal.Data.Replication;

namespace Portal.Web.Commands;

/// <summary>The replication on the command line. Whoever can start it holds the databases' passwords, so it asks as an admin.</summary>
internal static partial class SyncCommand
{
    private const string ExitCodeHelp = "Exit codes: 0 no difference; 1 differences, or a fault that will cause some; 2 it could not be told.";

    // The audit log tells people apart by it.
    private static readonly Caller CommandLine = new("", $"{Environment.UserName} (command line)", AccountRole.Admin, null, new HashSet<long>());

    public static Command Create() => new("sync", $"Look at the replication and switch it. {ExitCodeHelp}")
    {
        Status(), Compare(), Repair(), Backfill(), Drain(), Pause(), Resume(), Mode(), Triggers(), Servers(), Plan(),
    };

    private static Command Status()
    {
        var json = Json();
        var command = new Command("status",
            $"Say whether the old database answers, the triggers fire, changes wait, and all rows are the same. {ExitCodeHelp}") { json };
        command.SetAction((parsed, cancel) => RunAsync(parsed, new SyncOutput(parsed.InvocationConfiguration.Output, parsed.GetValue(json)),
            async (services, output) =>
            {
                // They take a second, the rest hardly any time.
                var rates = services.GetRequiredService<ReplicationRates>().Read(CommandLine, cancel);
                var report = await services.GetRequiredService<ReplicationStatus>().Read(CommandLine, Freshness.Now, cancel);
                return output.Status(report, (await rates).Value);
            }, cancel));
        return command;
    }

    private static Option<bool> Json() => new("--json") { Description = "Write one JSON object, described in docs/commands.md." };

    private static async Task<int> RunAsync(
        ParseResult parsed, SyncOutput output, Func<IServiceProvider, SyncOutput, Task<int>> run, CancellationToken cancel)
    {
        try
        {
            // What the databases say of themselves while they start is no part of the answer.
            await using var databases = await CommandDatabases.OpenAsync(parsed.UnmatchedTokens, parsed.InvocationConfiguration.Error.WriteLine, cancel);
            await using var services = new ServiceCollection()
                .AddLogging()
                .AddPortalDatabases(databases.Configuration)
                .AddPortalReplication()
                .BuildServiceProvider();
            return await run(services, output);
        }
        catch (SetupException exception)
        {
            return output.CouldNot(exception.Message);
        }
    }
}
