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
        Status(), Compare(), Backfill(), Drain(), Pause(), Resume(), Mode(), Triggers(), Servers(), Plan(),
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

    private static Command Compare()
    {
        var json = Json();
        var limit = new Option<int>("--limit")
        {
            Description = "How many of the rows that differ to list.",
            HelpName = "number",
            DefaultValueFactory = _ => 20,
        };
        limit.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, out var number) && number >= 0))
            {
                result.AddError("--limit takes a number, 0 or above.");
            }
        });
        var command = new Command("compare", $"Compare all rows and list those that differ. {ExitCodeHelp}") { json, limit };
        command.SetAction((parsed, cancel) => RunAsync(parsed, new SyncOutput(parsed.InvocationConfiguration.Output, parsed.GetValue(json)),
            async (services, output) =>
            {
                var comparison = services.GetRequiredService<Comparison>();
                var summary = await comparison.Summarise(CommandLine, cancel);
                var rows = summary.Value is { Differences: > 0 } && parsed.GetValue(limit) is > 0 and var most
                    ? await comparison.Page(CommandLine, new RowFilter(OnlyDifferences: true), new PageKey(), most, cancel)
                    : null;
                return output.Comparison(summary, rows);
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
