using System.CommandLine;
using Portal.Data.Replication;

namespace Portal.Web.Commands;

// The foreign servers, and the imported tables beside the old ones.
internal static partial class SyncCommand
{
    private static Command Servers()
    {
        var json = Json();
        var command = new Command("servers",
            "Say how the new database reaches the old one, whether it answers, and whether its tables are still as they were imported. "
            + "Exit codes: 0 all is well; 1 tables or rights differ from what they should be; 2 the old database does not answer, or it could not be told.")
        {
            json, ImportTable(),
        };
        command.SetAction((parsed, cancel) => RunAsync(parsed, new SyncOutput(parsed.InvocationConfiguration.Output, parsed.GetValue(json)),
            async (services, output) => output.Servers(await services.GetRequiredService<ForeignServers>().List(CommandLine, cancel)), cancel));
        return command;
    }

    private static Command ImportTable()
    {
        var (json, dryRun) = (Json(), new Option<bool>("--dry-run") { Description = "Show the statements and change nothing." });
        var table = new Option<string>("--table")
        {
            Description = "The imported table.",
            HelpName = "schema.table",
            DefaultValueFactory = _ => "timesheet_old_schema.timesheet_old",
        };
        var reason = new Option<string>("--reason") { Description = "Why; goes into the audit log.", HelpName = "text", DefaultValueFactory = _ => "" };
        var command = new Command("import", "Import an old table anew, in one transaction. Exit codes: 0 done; 2 it could not be done.") { table, reason, dryRun, json };
        command.SetAction((parsed, cancel) => RunAsync(parsed, new SyncOutput(parsed.InvocationConfiguration.Output, parsed.GetValue(json)),
            async (services, output) =>
            {
                var schema = services.GetRequiredService<OldSchema>();
                var name = parsed.GetValue(table) ?? "";
                var preview = await schema.Preview(CommandLine, name, cancel);
                if (preview.Value is not { } steps || parsed.GetValue(dryRun))
                {
                    return output.Import(name, preview, done: false);
                }

                var answer = await schema.ImportAnew(CommandLine, name, steps, parsed.GetValue(reason) ?? "", cancel);
                return answer.Value is null ? output.CouldNot(answer.Trouble) : output.Import(name, preview, done: true);
            }, cancel));
        return command;
    }
}
