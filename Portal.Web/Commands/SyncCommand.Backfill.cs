using System.CommandLine;
using System.Globalization;
using Portal.Data.Replication.Backfill;
using Portal.Web.Replication;

namespace Portal.Web.Commands;

internal static partial class SyncCommand
{
    private static Command Backfill()
    {
        var json = Json();
        var dryRun = new Option<bool>("--dry-run") { Description = "One round, all of it undone in the end: tells what would come of it, in the same time. What it writes stays locked until then; switching the backfill, changes of mode, quarantine and moving the writers wait too." };
        var share = new Option<decimal?>("--share")
        {
            Description = "The share of the time it may work, to spare the servers, for example 0.25; for this command only.",
            HelpName = "number",
            CustomParser = result =>
            {
                if (decimal.TryParse(result.Tokens[0].Value, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 1)
                {
                    return number;
                }

                result.AddError("--share takes a number above 0, up to 1.");
                return null;
            },
        };
        var command = new Command("backfill",
            "Take over all rows of the old database, round after round until one finds no change. Exit codes: 0 all are taken over; 1 some are in quarantine; 2 it could not be done.")
        {
            json, dryRun, share,
        };
        command.SetAction((parsed, cancel) => RunAsync(parsed, new SyncOutput(parsed.InvocationConfiguration.Output, parsed.GetValue(json)),
            async (services, output) =>
            {
                using var progress = new ProgressLine(parsed.InvocationConfiguration.Error);
                var answer = await services.GetRequiredService<BackfillService>().Complete(
                    CommandLine, parsed.GetValue(share), parsed.GetValue(dryRun),
                    progress.Show, cancel);
                return output.Backfill(answer, parsed.GetValue(dryRun));
            }, cancel));
        return command;
    }
}
