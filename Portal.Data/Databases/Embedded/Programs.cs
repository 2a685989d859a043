using System.ComponentModel;
using System.Diagnostics;

namespace Portal.Data.Databases.Embedded;

/// <summary>What a program answered.</summary>
internal sealed record ProgramResult(int ExitCode, string Output)
{
    public bool Succeeded => ExitCode == 0;

    /// <exception cref="SetupException">It failed.</exception>
    public void OrThrow(string what)
    {
        if (!Succeeded)
        {
            throw new SetupException($"{what}:\n{Output.Trim()}");
        }
    }
}

internal static class Programs
{
    /// <summary>Runs a program to its end. One that cannot be started counts as failed.</summary>
    public static async Task<ProgramResult> RunAsync(ProcessStartInfo start, CancellationToken cancellation)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.UseShellExecute = false;
        try
        {
            using var process = Process.Start(start);
            if (process is null)
            {
                return new ProgramResult(-1, $"{start.FileName} did not start.");
            }

            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var error = process.StandardError.ReadToEndAsync(cancellation);
            try
            {
                await process.WaitForExitAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }

            // A server that the program has left running may hold the pipes open: what was said until then is enough.
            await Task.WhenAny(Task.WhenAll(output, error), Task.Delay(TimeSpan.FromSeconds(2), cancellation));
            return new ProgramResult(process.ExitCode, Said(output) + Said(error));
        }
        catch (Win32Exception exception)
        {
            return new ProgramResult(-1, exception.Message);
        }

        static string Said(Task<string> text) => text.IsCompletedSuccessfully ? text.Result : "";
    }
}
