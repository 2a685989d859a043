using System.Diagnostics;
using Microsoft.Playwright;

namespace Portal.Tests.Support;

/// <summary>The browser of the tests: the machine's own if it has one, otherwise one that can be installed.</summary>
internal static class Chromium
{
    private static readonly string[] _names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    /// <exception cref="InvalidOperationException">There is none and none could be installed; says what to do.</exception>
    public static async Task<IBrowser> LaunchAsync(IPlaywright playwright)
    {
        var path = Find() ?? await InstallAsync(playwright);
        return await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            // Chromium's own sandbox refuses to run as root, as in containers.
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    private static string? Find() =>
        Environment.GetEnvironmentVariable("PORTAL_TEST_CHROMIUM")
        ?? (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin")
            from name in _names
            let file = Path.Combine(folder, name)
            where File.Exists(file)
            select file).FirstOrDefault();

    private static async Task<string> InstallAsync(IPlaywright playwright)
    {
        // Playwright's own download first; a Debian machine may have no way out but to its packages.
        if (Microsoft.Playwright.Program.Main(["install", "chromium"]) == 0)
        {
            return playwright.Chromium.ExecutablePath;
        }

        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && File.Exists("/usr/bin/apt-get"))
        {
            await RunAsync("apt-get", "update", "-q");
            await RunAsync("apt-get", "install", "-yq", "--no-install-recommends", "chromium");
        }

        return Find() ?? throw new InvalidOperationException(
            "The browser tests need Chromium, and it could be neither found nor installed. "
            + "Install it (Debian: apt-get install chromium), or set PORTAL_TEST_CHROMIUM to its program.");
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true });
        if (process is not null)
        {
            await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
        }
    }
}
