using System.CommandLine;
using Portal.Data.Databases;
using Portal.Data.Demo;

namespace Portal.Web.Commands;

internal static class DemoCommand
{
    public static Command Create()
    {
        var timesheets = new Option<int>("--timesheets")
        {
            Description = "How many timesheets to make.",
            HelpName = "number",
            DefaultValueFactory = _ => DemoData.DefaultTimesheets,
        };
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

    /// <summary>Loads demo data unless there are timesheets already.</summary>
    public static async Task<bool> LoadAsync(MigrationSettings migration, int timesheets, CancellationToken cancellation)
    {
        await using var newDatabase = DatabaseServices.DataSource(MigrationSettings.AsOwner(migration.New));
        await using var connection = await newDatabase.OpenConnectionAsync(cancellation);
        if (await DemoData.IsLoadedAsync(connection, cancellation))
        {
            return false;
        }

        Console.WriteLine($"Loading {timesheets:N0} demo timesheets ...");
        return await DemoData.LoadAsync(connection, timesheets, TimeProvider.System, new ProgressLines(timesheets), cancellation);
    }

    private static async Task<int> RunAsync(IReadOnlyList<string> settings, int timesheets, CancellationToken cancellation)
    {
        await using var databases = await CommandDatabases.OpenAsync(settings, Console.WriteLine, cancellation);
        var migration = MigrationSettings.From(databases.Configuration);
        if (databases.AreEmbedded)
        {
            await new Migration(migration, Console.WriteLine).ApplyAsync(cancellation);
        }

        Console.WriteLine(await LoadAsync(migration, timesheets, cancellation)
            ? "Demo data loaded."
            : "There are timesheets already, so no demo data was loaded.");
        return ExitCodes.Done;
    }

    // Progress<T> would report from other threads and so out of order.
    private sealed class ProgressLines(int total) : IProgress<int>
    {
        public void Report(int value)
        {
            if (value < total)
            {
                Console.WriteLine($"  {value:N0} of {total:N0}");
            }
        }
    }
}
