using System.CommandLine;
using Portal.Data.Replication.Planning;

namespace Portal.Web.Commands;

// The plan of the migration.
internal static partial class SyncCommand
{
    private static Command Plan()
    {
        var json = Json();
        var command = new Command("plan",
            "Say where the migration stands: its steps with their conditions, and who still uses the old database. Exit codes: 0 the next step can be taken, or all are; 1 it cannot; 2 it could not be told.")
        {
            json, TakeStep(), UndoStep(),
        };
        command.SetAction((parsed, cancel) => RunAsync(parsed, new SyncOutput(parsed.InvocationConfiguration.Output, parsed.GetValue(json)),
            async (services, output) => output.Plan(await services.GetRequiredService<PlanService>().Read(CommandLine, cancel)), cancel));
        return command;
    }

    private static Command TakeStep()
    {
        var (json, dryRun, step) = (Json(), new Option<bool>("--dry-run") { Description = "Tell what would come of it and change nothing." }, Step());
        var why = new Option<string?>("--why") { Description = "The reason, noted with the step and in the audit log; needed when not all conditions hold.", HelpName = "text" };
        var server = new Option<string?>("--server") { Description = "Only for retire: the name of the foreign server, so that nobody does it by a slip.", HelpName = "name" };
        var command = new Command("take", "Take a step. Exit codes: 0 taken; 1 it was not, the message says why; 2 it could not be told.") { step, why, server, dryRun, json };
        command.SetAction((parsed, cancel) => RunAsync(parsed, new SyncOutput(parsed.InvocationConfiguration.Output, parsed.GetValue(json)),
            async (services, output) => output.Plan(await services.GetRequiredService<PlanService>().Take(
                CommandLine, parsed.GetValue(step), parsed.GetValue(why), parsed.GetValue(server), parsed.GetValue(dryRun), cancel: cancel)), cancel));
        return command;
    }

    private static Command UndoStep()
    {
        var (json, dryRun, step) = (Json(), new Option<bool>("--dry-run") { Description = "Tell what would come of it and change nothing." }, Step());
        var why = new Option<string>("--why") { Description = "The reason; goes into the audit log.", HelpName = "text", Required = true };
        var command = new Command("undo", "Undo the step that was taken last. Exit codes: 0 undone; 1 it was not, the message says why; 2 it could not be told.") { step, why, dryRun, json };
        command.SetAction((parsed, cancel) => RunAsync(parsed, new SyncOutput(parsed.InvocationConfiguration.Output, parsed.GetValue(json)),
            async (services, output) => output.Plan(await services.GetRequiredService<PlanService>().Undo(
                CommandLine, parsed.GetValue(step), parsed.GetValue(why), parsed.GetValue(dryRun), cancel)), cancel));
        return command;
    }

    private static Argument<PlanStepName> Step() => new("step")
    {
        Description = string.Join(", ", Enum.GetValues<PlanStepName>().Select(Verb)),
        HelpName = "step",
        // A number would also do for an enumeration, and mean something by accident.
        CustomParser = result =>
        {
            var word = result.Tokens[0].Value;
            if (Enum.GetValues<PlanStepName>().Where(s => string.Equals(Verb(s), word.Replace('_', '-'), StringComparison.OrdinalIgnoreCase)).ToList() is [var known])
            {
                return known;
            }

            result.AddError($"'{word}' is no step. It is one of {string.Join(", ", Enum.GetValues<PlanStepName>().Select(Verb))}.");
            return default;
        },
    };

    private static string Verb(PlanStepName step) => PlanRules.Word(step).Replace('_', '-');
}
