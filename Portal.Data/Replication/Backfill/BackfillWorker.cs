using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Backfill;

/// <summary>
/// Takes over old rows while the backfill is switched on, step by step. How far it is stands in the database, so any portal
/// goes on where another one has ended, and of several only one works at a time.
/// </summary>
public sealed partial class BackfillWorker(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase, TimeProvider time, ILogger<BackfillWorker> log) : BackgroundService
{
    private static readonly TimeSpan WhenIdle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(await StepAsync(stoppingToken), time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Works one step.</summary>
    /// <returns>How long to rest before the next.</returns>
    private async Task<TimeSpan> StepAsync(CancellationToken cancel)
    {
        try
        {
            var start = Stopwatch.GetTimestamp();
            await using var connection = await newDatabase.OpenConnectionAsync(cancel);
            var (worked, finished) = await BackfillService.StepAsync(connection, cancel);
            var took = Stopwatch.GetElapsedTime(start);
            var share = (await connection.Rows("select share from replication.backfill where mapping = 'timesheet_old'", r => r.GetDecimal(0), cancel)).FirstOrDefault(1);
            return (worked, finished) switch
            {
                (false, _) => WhenIdle,
                (_, true) => BetweenRounds,
                _ => BackfillService.Pause(took, share),
            };
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
        {
            // Out of reach for a while, or something a person must look at: the step is undone, the next one repeats it.
            var trouble = TroubleReader.OfNew(failure);
            LogFailed(log, failure, trouble.Summary);
            await NoteAsync($"{trouble.Summary} {trouble.Check}", cancel);
            return AfterFailure;
        }
    }

    private async Task NoteAsync(string error, CancellationToken cancel)
    {
        try
        {
            await using var command = newDatabase.CreateCommand("select replication.backfill_failed($1)");
            command.Parameters.Add(new() { Value = error });
            await command.ExecuteNonQueryAsync(cancel);
        }
        catch (NpgsqlException)
        {
            // The new database itself is away; there is nowhere to note it but the log.
        }
    }

    [LoggerMessage(LogLevel.Warning, "A step of the backfill failed and is tried again: {Summary}")]
    private static partial void LogFailed(ILogger log, Exception failure, string summary);
}
