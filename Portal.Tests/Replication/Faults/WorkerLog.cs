using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Portal.Tests.Replication.Faults;

/// <summary>What the workers of a run have to say, for a report of what went wrong.</summary>
internal sealed class WorkerLog(Clock clock) : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> lines = [];

    public IEnumerable<string> Lines => lines;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Say($"{formatter(state, exception)} {exception?.Message}");

    public void Say(string words) => lines.Enqueue($"  worker {TimeSpan.FromTicks(clock.Now).TotalSeconds,7:0.000} s {words}");

    public void Dispose()
    {
    }
}
