using System.CommandLine;
using Portal.Data.Databases;

namespace Portal.Web.Commands;

/// <summary>The command line: without a verb the portal is served, with one a single job is done.</summary>
public static class PortalCommand
{
    /// <summary>Runs what the arguments ask for.</summary>
    /// <param name="compose">Makes the application of a builder whose configuration is complete.</param>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(string[] args, Func<WebApplicationBuilder, WebApplication> compose)
    {
        using var stop = new StopSignals();
        try
        {
            // The signals are handled here: the library would end the process two seconds after one of them,
            // while databases take longer to stop.
            var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
            var parsed = Create(compose).Parse(args);
            if (StrayWord(parsed.UnmatchedTokens) is { } stray)
            {
                throw new SetupException($"'{stray}' is not known here. See --help.");
            }

            var code = await parsed.InvokeAsync(invocation, stop.Token);
            // The library ends with 1 after a mistyped command, which here would mean differences.
            return parsed.Errors.Count > 0 ? ExitCodes.CouldNot : code;
        }
        catch (SetupException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return ExitCodes.CouldNot;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }

    internal static RootCommand Create(Func<WebApplicationBuilder, WebApplication> compose)
    {
        var root = new RootCommand(
            """
            Timesheets between workers, hospitals and two databases.

            Without a verb: serves the portal on http://localhost:5080. Every configuration value can be given as
            --Key=value, for example --Urls=http://localhost:8080 or --Embedded:DataDirectory=/var/tmp/portal.

            Exit codes: 0 done; 1 differences were found (sync); 2 it could not be done, the message says why;
            130 interrupted.
            """)
        {
            MigrateCommand.Create(),
            DemoCommand.Create(),
            SyncCommand.Create(),
        };
        root.SetAction((parsed, cancellation) => ServeCommand.RunAsync(parsed.UnmatchedTokens, compose, cancellation));
        AcceptConfiguration(root);
        return root;
    }

    // What is not an option of ours is a configuration value, as with every ASP.NET Core application.
    private static void AcceptConfiguration(Command command)
    {
        command.TreatUnmatchedTokensAsErrors = false;
        foreach (var verb in command.Subcommands)
        {
            AcceptConfiguration(verb);
        }
    }

    // A configuration value is `--Key=value`, or `--Key` followed by its value. All else is a slip of the keyboard.
    private static string? StrayWord(IReadOnlyList<string> tokens)
    {
        var isValue = false;
        foreach (var token in tokens)
        {
            var isKey = token.StartsWith("--", StringComparison.Ordinal);
            if (!isKey && !isValue)
            {
                return token;
            }

            isValue = isKey && !token.Contains('=', StringComparison.Ordinal);
        }

        return null;
    }
}
