using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Alarms;

/// <summary>Rings in every portal when an alarm was opened or resolved in any, and now and then besides.</summary>
public sealed class AlarmSignal([FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase, TimeProvider time) : BackgroundService
{
    // A notification is lost while the connection is; then this is how late it shows.
    private static readonly TimeSpan AtLeastEvery = TimeSpan.FromSeconds(15);

    /// <summary>Alarms may have changed. Comes on any thread.</summary>
    public event Action? Rang;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var bell = new ReplicationBell(newDatabase, "replication_alarm");
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await bell.WaitAsync(AtLeastEvery, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
            {
                await Task.Delay(AtLeastEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            Rang?.Invoke();
        }
    }
}
