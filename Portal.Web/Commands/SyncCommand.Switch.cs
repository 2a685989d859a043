using System.CommandLine;
using Portal.Data.Replication;

namespace Portal.Web.Commands;

// The verbs that do something.
internal static partial class SyncCommand
{
    private static Command Drain()
    {
        var command = new Command("drain",
            "Deliver all that waits, now. Exit codes: 0 nothing waits any more; 1 something waits still or is refused; 2 the old database could not be written.");
        command.SetAction((parsed, cancel) => RunAsync(parsed, Output(parsed), async (services, output) =>
            output.Drained(await services.GetRequiredService<ReplicationSwitch>().Drain(CommandLine, cancel: cancel)), cancel));
        return command;
    }

    private static Command Pause() => Switch(
        "pause", "Keep changes and deliver none until `sync resume`.", _ => ReplicationMode.Paused);

    private static Command Resume() => Switch(
        "resume", "Deliver again, at each commit; the same as `sync mode synchronous`.", _ => ReplicationMode.Synchronous);

    private static Command Mode()
    {
        var mode = new Argument<ReplicationMode>("mode")
        {
            Description = "synchronous: delivered at commit; queued: kept first and delivered within a second; paused: kept.",
            HelpName = "synchronous|queued|paused",
            // A number would also do for an enumeration, and mean something by accident.
            CustomParser = result =>
            {
                var word = result.Tokens[0].Value;
                if (Enum.GetValues<ReplicationMode>().Where(m => string.Equals(m.ToString(), word, StringComparison.OrdinalIgnoreCase)).ToList() is [var known])
                {
                    return known;
                }

                result.AddError($"'{word}' is no mode. It is synchronous, queued or paused.");
                return default;
            },
        };
        var command = Switch("mode", "Switch how changes are delivered.", parsed => parsed.GetValue(mode));
        command.Add(mode);
        return command;
    }

    private static Command Switch(string verb, string does, Func<ParseResult, ReplicationMode> mode)
    {
        var command = new Command(verb, $"{does} Users are not held up, and who did it is noted. Exit codes: 0 done; 2 it could not be done.");
        command.SetAction((parsed, cancel) => RunAsync(parsed, Output(parsed), async (services, output) =>
            output.Mode(await services.GetRequiredService<ReplicationSwitch>().SetMode(CommandLine, mode(parsed), cancel: cancel)), cancel));
        return command;
    }

    private static SyncOutput Output(ParseResult parsed) => new(parsed.InvocationConfiguration.Output, json: false);
}
