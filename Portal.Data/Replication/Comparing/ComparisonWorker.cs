using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Portal.Data.Replication.Comparing;

/// <summary>
/// Works on the comparisons and repairs that were begun, and begins those whose time has come. Any number of portals may run
/// one; what one does not finish another does.
/// </summary>
public sealed partial class ComparisonWorker(
    ComparisonStore comparisons,
    ComparisonRunner comparison,
    ComparisonSchedules schedules,
    RepairStore repairs,
    RepairRunner repair,
    TimeProvider time,
    ILogger<ComparisonWorker> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // After a failure of a database, which comes back when it does.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    // A comparison of hours holds up no repair.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        Repeat(CompareAsync, stoppingToken),
        Repeat(RepairAsync, stoppingToken),
        Repeat(schedules.BeginDue, stoppingToken));

    private async Task Repeat(Func<CancellationToken, Task> work, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await work(cancel);
                await Task.Delay(Interval, time, cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (TroubleReader.IsOfDatabase(failure) || failure is OperationCanceledException)
            {
                LogAway(log, failure.Message);
                await Task.Delay(Rest, time, cancel).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
    }

    private async Task CompareAsync(CancellationToken cancel)
    {
        foreach (var id in await comparisons.Running(cancel))
        {
            try
            {
                await comparison.Work(id, progress: null, cancel);
            }
            catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
            {
                var trouble = TroubleReader.OfNew(failure);
                LogHeld(log, "Comparison", id, failure, trouble.Summary);
                await comparisons.Note(id, $"{trouble.Summary} It goes on by itself when that is mended.", cancel);
                throw;
            }
        }
    }

    private async Task RepairAsync(CancellationToken cancel)
    {
        foreach (var id in await repairs.Running(cancel))
        {
            try
            {
                await repair.Work(id, progress: null, cancel);
            }
            catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
            {
                var trouble = TroubleReader.OfNew(failure);
                LogHeld(log, "Repair", id, failure, trouble.Summary);
                await repairs.Note(id, $"{trouble.Summary} It goes on by itself when that is mended.", cancel);
                throw;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Work} {Id} cannot go on: {Trouble}")]
    private static partial void LogHeld(ILogger log, string work, long id, Exception failure, string trouble);

    [LoggerMessage(LogLevel.Warning, "Comparisons and repairs wait: {Failure}")]
    private static partial void LogAway(ILogger log, string failure);
}
