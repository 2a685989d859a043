using System.Collections.Concurrent;
using System.Diagnostics;

namespace Portal.Tests.Support;

/// <summary>The portal's program in a process of its own, as it is started from a shell.</summary>
public sealed class PortalProcess : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = [];

    private PortalProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>All it has said so far, on both streams.</summary>
    public string Output => string.Join('\n', _lines);

    public static PortalProcess Start(params IEnumerable<string> arguments) => Start(new Dictionary<string, string?>(), arguments);

    /// <summary>Starts it with configuration values that do not show on the command line.</summary>
    public static PortalProcess Start(IReadOnlyDictionary<string, string?> configuration, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Portal.Web.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (key, value) in configuration)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        return new PortalProcess(start);
    }

    /// <summary>Waits until it says a line with these words.</summary>
    /// <returns>The line.</returns>
    public async Task<string> SaysAsync(string words)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (_lines.FirstOrDefault(l => l.Contains(words, StringComparison.Ordinal)) is { } line)
            {
                return line;
            }

            var hasEnded = _process.HasExited;
            if (hasEnded)
            {
                // Ends only when all it said has been read.
                await _process.WaitForExitAsync();
            }

            if (hasEnded || Stopwatch.GetElapsedTime(start) > _patience)
            {
                return _lines.FirstOrDefault(l => l.Contains(words, StringComparison.Ordinal))
                    ?? throw new InvalidOperationException($"The portal did not say '{words}'. It said:\n{Output}");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>Waits until it has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndsAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(_patience);
        return _process.ExitCode;
    }

    /// <summary>Asks it to end, as a service manager or Ctrl+C does.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync(string signal = "TERM")
    {
        using (Process.Start("kill", [$"-{signal}", $"{Id}"]))
        {
            return await EndsAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }
}
