using System.CommandLine;
using Portal.Data.Replication;
using Portal.Web.Replication;

namespace Portal.Web.Commands;

// The triggers: as they are beside what the scripts have made.
internal static partial class SyncCommand
{
    private static Command Triggers()
    {
        var json = Json();
        var command = new Command("triggers",
            "List the triggers and what is the matter with them. Exit codes: 0 all are as they were installed; 1 some are not; 2 it could not be told.")
        {
            json,
            ChangeTriggers(TriggerChange.Reinstall, "Make triggers and their functions as the scripts have made them: all that differ, or those of a name."),
            ChangeTriggers(TriggerChange.Enable, "Let triggers of a name fire again."),
            ChangeTriggers(TriggerChange.Disable, "Keep triggers of a name from firing. What they would record does not reach the old database."),
        };
        command.SetAction((parsed, cancel) => RunAsync(parsed, new SyncOutput(parsed.InvocationConfiguration.Output, parsed.GetValue(json)),
            async (services, output) => output.Triggers(await services.GetRequiredService<ReplicationTriggers>().List(CommandLine, cancel)), cancel));
        return command;
    }

    private static Command ChangeTriggers(TriggerChange change, string does)
    {
        var (json, dryRun) = (Json(), new Option<bool>("--dry-run") { Description = "List which ones and change nothing." });
        var table = new Option<string?>("--table") { Description = "Only the one on this table.", HelpName = "table" };
        var reason = new Option<string>("--reason") { Description = "Why; goes into the audit log.", HelpName = "text", DefaultValueFactory = _ => "" };
        // No argument: where it is left out, the first configuration value would be taken for it.
        var name = new Option<string?>("--trigger")
        {
            Description = "Its name, the same on several tables.",
            HelpName = "name",
            Required = change != TriggerChange.Reinstall,
        };
#pragma warning disable CA1308 // Verbs are lower case.
        var command = new Command(change.ToString().ToLowerInvariant(), $"{does} Exit codes: 0 done; 2 it could not be done.") { name, table, reason, dryRun, json };
#pragma warning restore CA1308
        command.SetAction((parsed, cancel) => RunAsync(parsed, new SyncOutput(parsed.InvocationConfiguration.Output, parsed.GetValue(json)),
            async (services, output) =>
            {
                var all = await services.GetRequiredService<ReplicationTriggers>().List(CommandLine, cancel);
                if (all.Value is not { } report)
                {
                    return output.CouldNot(all.Trouble);
                }

                var (wanted, on) = (parsed.GetValue(name), parsed.GetValue(table));
                ReplicationTrigger[] which =
                [
                    .. (wanted is null ? report.ToReinstall : report.Triggers.Where(t => t.IsOurs && t.Name == wanted))
                        .Where(t => on is null || on == t.ShownTable || on == t.Table),
                ];
                if (which.Length == 0 && wanted is not null)
                {
                    return output.CouldNot($"The replication has no trigger {wanted}{(on is null ? "" : $" on {on}")}.");
                }

                return parsed.GetValue(dryRun) || which.Length == 0
                    ? output.WouldChange(change, which)
                    : output.Changed(change, which,
                        await services.GetRequiredService<TriggerSwitch>().Change(CommandLine, which, change, parsed.GetValue(reason) ?? "", cancel));
            }, cancel));
        return command;
    }
}
