using System.CommandLine;
using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;

namespace Portal.Web.Commands;

// Writing rows anew.
internal static partial class SyncCommand
{
    private static Command Repair()
    {
        var json = Json();
        var keys = new Option<long[]>("--key")
        {
            Description = "A timesheet to write anew; may be given several times.",
            HelpName = "number",
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result =>
            {
                if (result.Tokens.FirstOrDefault(t => !long.TryParse(t.Value, out _)) is { } odd)
                {
                    result.AddError($"--key takes numbers; '{odd.Value}' is none.");
                    return [];
                }

                return [.. result.Tokens.Select(t => long.Parse(t.Value, System.Globalization.CultureInfo.InvariantCulture))];
            },
        };
        var run = new Option<long?>("--run") { Description = "All rows that this comparison found.", HelpName = "number" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would change, cell by cell, and write nothing." };
        var why = new Option<string?>("--reason") { Description = "The reason, kept in the audit log.", HelpName = "text" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Also rows that somebody else has written in the old database. Without it they are kept." };
        var command = new Command("repair",
            "Write rows to the old database anew, from the new one. Exit codes: 0 all rows are right; 1 some are not, or a dry run would change some or has not looked at all; 2 it could not be done.")
        {
            keys, run, dryRun, why, overwrite, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(keys) is null == result.GetResult(run) is null)
            {
                result.AddError("Say which rows: either --key or --run.");
            }
            else if (!result.GetValue(dryRun) && string.IsNullOrWhiteSpace(result.GetValue(why)))
            {
                result.AddError("Say why with --reason; it is kept in the audit log. Or look first with --dry-run.");
            }
        });
        command.SetAction((parsed, cancel) => RunAsync(parsed, new SyncOutput(parsed.InvocationConfiguration.Output, parsed.GetValue(json)),
            async (services, output) =>
            {
                var scope = new RepairScope(parsed.GetValue(run), parsed.GetValue(run) is null ? parsed.GetValue(keys) : null);
                if (scope.Comparison is { } number && await services.GetRequiredService<ComparisonRuns>().Read(CommandLine, number, cancel) is { Trouble: { } trouble })
                {
                    return output.CouldNot($"{trouble.Summary} {trouble.Check}");
                }

                var repairs = services.GetRequiredService<Repairs>();
                if (parsed.GetValue(dryRun))
                {
                    return output.Preview(await repairs.Preview(CommandLine, scope, cancel), parsed.GetValue(overwrite));
                }

                using var progress = new ProgressLine(parsed.InvocationConfiguration.Error);
                var made = await repairs.Make(CommandLine, scope, parsed.GetValue(why) ?? "", parsed.GetValue(overwrite), progress.Show, cancel);
                progress.Dispose();
                return output.Repaired(made);
            }, cancel));
        return command;
    }
}
