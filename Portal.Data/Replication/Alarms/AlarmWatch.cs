using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Alarms;

/// <summary>
/// Looks every few seconds whether something is the matter, tells of it, and keeps the figures for charts. Any number of portals may run one; at any
/// moment one of them looks and tells.
/// </summary>
public sealed partial class AlarmWatch(
    AlarmBook book,
    OldSchema schema,
    ForeignServers servers,
    History history,
    DeliveryProbe probe,
    ReplicationRates rates,
    IEnumerable<IAlarmChannel> channels,
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    IOptions<AlarmOptions> options,
    TimeProvider time,
    ILogger<AlarmWatch> log) : BackgroundService
{
    private readonly AlarmOptions options = options.Value;
    private readonly IReadOnlyList<IAlarmChannel> channels = [.. channels.Where(c => c.IsOn)];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Interval, time);
        try
        {
            do
            {
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (Exception failure) when (TroubleReader.IsOfDatabase(failure) || (failure is OperationCanceledException && !stoppingToken.IsCancellationRequested))
                {
                    // The new database is away: what it should keep can wait as long as it is.
                    LogInterrupted(log, failure.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The portal stops.
        }
    }

    /// <summary>Looks once, if no other portal does at this moment.</summary>
    internal async Task LookAsync(CancellationToken cancel)
    {
        await using var turn = await newDatabase.OpenConnectionAsync(cancel);
        if (!await ScalarAsync(turn, "select pg_try_advisory_lock(hashtext('replication watch'))", cancel))
        {
            return;
        }

        try
        {
            // Of an old database that was retired nothing has to be known.
            var retired = await ScalarAsync(turn, "select retired_at is not null from replication.control", cancel);
            if (!retired)
            {
                await SeeOldTablesAsync(cancel);
            }

            await book.EvaluateAsync(options, channels.Select(c => c.Name), cancel);
            await Task.WhenAll(channels.Select(c => TellAsync(c, cancel)));
            if (!retired)
            {
                await TakeFiguresAsync(cancel);
            }
        }
        finally
        {
            // The connection goes back to its pool, and the lock would go with it.
            await ScalarAsync(turn, "select pg_advisory_unlock(hashtext('replication watch'))", CancellationToken.None);
        }
    }

    private async Task TakeFiguresAsync(CancellationToken cancel)
    {
        var old = await servers.ReachOld(cancel);
        var visible = old.Reachable ? await probe.MeasureAsync(cancel) : null;
        await history.TakeAsync(old.Latency, visible, (await rates.CountAsync(old.Reachable, cancel)).Written, cancel);
    }

    private async Task SeeOldTablesAsync(CancellationToken cancel)
    {
        try
        {
            await schema.LookAsync(cancel);
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure) || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // What was seen last stands. That the old database is away is found by the breaker.
            LogUnseen(log, failure.Message);
        }
    }

    private async Task TellAsync(IAlarmChannel channel, CancellationToken cancel)
    {
        foreach (var due in await book.DueAsync(channel.Name, cancel))
        {
            string? problem = null;
            try
            {
                await channel.TellAsync(due, cancel);
            }
            catch (AlarmNotToldException failure)
            {
                problem = failure.Message;
                LogNotTold(log, due.AlarmId, channel.Name, problem);
            }

            await book.NoteAsync(due, channel.Name, problem, cancel);
            if (problem is not null)
            {
                // The next one would most likely meet the same.
                return;
            }
        }
    }

    private static async Task<bool> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancel) is true;
    }

    [LoggerMessage(LogLevel.Warning, "Alarms could not be looked after: {Problem}")]
    private static partial void LogInterrupted(ILogger log, string problem);

    [LoggerMessage(LogLevel.Debug, "The old tables could not be looked at: {Problem}")]
    private static partial void LogUnseen(ILogger log, string problem);

    [LoggerMessage(LogLevel.Warning, "Alarm {Alarm} could not be told by {Channel}: {Problem}")]
    private static partial void LogNotTold(ILogger log, long alarm, string channel, string problem);
}
