using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Portal.Data.Replication.Comparing;

/// <summary>
/// Works on the comparisons and repairs that were begun, and begins those whose time has come. Any number of portals may run
/// one; what one does not finish another does.
/// </summary>
public sealed partial class ComparisonWorker(
    ComparisonStore store, ComparisonRunner runner, TimeProvider time, ILogger<ComparisonWorker> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // After a failure of a database, which comes back when it does.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var id in await store.Running(stoppingToken))
                {
                    await Work(id, stoppingToken);
                }

                await Task.Delay(Interval, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
            {
                LogAway(log, failure.Message);
                await Task.Delay(Rest, time, stoppingToken);
            }
        }
    }

    private async Task Work(long id, CancellationToken cancel)
    {
        try
        {
            await runner.Work(id, progress: null, cancel);
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
        {
            var trouble = TroubleReader.OfNew(failure);
            LogHeld(log, id, failure, trouble.Summary);
            await store.Note(id, $"{trouble.Summary} It goes on by itself when that is mended.", cancel);
            throw;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Comparison {Id} cannot go on: {Trouble}")]
    private static partial void LogHeld(ILogger log, long id, Exception failure, string trouble);

    [LoggerMessage(LogLevel.Warning, "Comparisons and repairs wait: {Failure}")]
    private static partial void LogAway(ILogger log, string failure);
}
