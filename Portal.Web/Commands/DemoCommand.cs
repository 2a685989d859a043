using System.CommandLine;
using Portal.Data.Databases;
using Portal.Data.Demo;

namespace Portal.Web.Commands;

internal static class DemoCommand
{
    public static Command Create()
    {
        var timesheets = new Option<int?>("--timesheets") { Description = "How many timesheets there are to be; 2000 if not given.", HelpName = "number" };
        timesheets.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, out var number) && number > 0))
            {
                result.AddError("--timesheets takes a number above 0.");
            }
        });
        var command = new Command("demo", "Load demo data. Needs Migration:New when servers are configured.") { timesheets };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.UnmatchedTokens, parsed.GetValue(timesheets), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(IReadOnlyList<string> settings, int? timesheets, CancellationToken cancellation)
    {
        await using var databases = await CommandDatabases.OpenAsync(settings, Console.WriteLine, cancellation);
        var migration = MigrationSettings.From(databases.Configuration);
        if (databases.AreEmbedded)
        {
            await new Migration(migration, Console.WriteLine).ApplyAsync(cancellation);
        }

        await using var newDatabase = DatabaseServices.DataSource(MigrationSettings.AsOwner(migration.New));
        await DemoData.LoadAsync(newDatabase, timesheets, Console.WriteLine, cancellation);
        return ExitCodes.Done;
    }
}
