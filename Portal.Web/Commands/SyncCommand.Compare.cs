using System.CommandLine;
using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;

namespace Portal.Web.Commands;

// Comparing all rows.
internal static partial class SyncCommand
{
    private static Command Compare()
    {
        var json = Json();
        var limit = Number("--limit", "How many of the rows that differ to list.", "number", 20, from: 0, to: 1_000_000);
        var share = Number("--max-share", "In how much of the time it may keep the databases busy, in per cent.", "percentage", 100, from: 1, to: 100);
        var timeout = Number("--statement-timeout", "A statement that takes longer is given up and made for fewer rows.", "seconds", 60, from: 1, to: 3600);
        var command = new Command("compare",
            $"Compare all rows and list those that differ. The portal's pages show how far it is and keep what it found. {ExitCodeHelp}") { json, limit, share, timeout };
        command.SetAction((parsed, cancel) => RunAsync(parsed, new SyncOutput(parsed.InvocationConfiguration.Output, parsed.GetValue(json)),
            async (services, output) =>
            {
                var runs = services.GetRequiredService<ComparisonRuns>();
                using var progress = new ProgressLine(parsed.InvocationConfiguration.Error);
                var load = new ComparisonLoad(parsed.GetValue(share) / 100.0, TimeSpan.FromSeconds(parsed.GetValue(timeout)));
                var run = await runs.Make(CommandLine, load, progress.Show, cancel);
                progress.Dispose();
                var rows = run.Value is { Differences: > 0 } found && parsed.GetValue(limit) is > 0 and var most
                    ? await runs.Differences(CommandLine, found.Id, new DifferenceFilter(), most, cancel)
                    : null;
                return output.Comparison(run, rows);
            }, cancel));
        return command;
    }

    private static Option<int> Number(string name, string description, string helpName, int otherwise, int from, int to)
    {
        var option = new Option<int>(name) { Description = description, HelpName = helpName, DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, out var number) && number >= from && number <= to))
            {
                result.AddError(to == int.MaxValue ? $"{name} takes a number, {from} or above." : $"{name} takes a number from {from} to {to}.");
            }
        });
        return option;
    }
}
