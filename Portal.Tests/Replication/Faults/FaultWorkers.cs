using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Portal.Data.Databases;
using Portal.Data.Replication;

namespace Portal.Tests.Replication.Faults;

/// <summary>The workers of several portals, of which one can be killed: what it has begun goes on in the server without it.</summary>
internal sealed class FaultWorkers(FaultScene scene, WorkerLog log) : IAsyncDisposable
{
    private readonly List<Worker> running = [];

    public async Task StartAsync() => running.Add(await Worker.StartAsync(scene, log));

    /// <returns>Whether there was one.</returns>
    public async Task<bool> KillAsync()
    {
        if (running is not [var first, ..])
        {
            return false;
        }

        running.Remove(first);
        first.Cut();
        await first.DisposeAsync();
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in running)
        {
            await worker.DisposeAsync();
        }
    }

    private sealed class Worker(ServiceProvider services, OldServerLink toNew) : IAsyncDisposable
    {
        private readonly List<IHostedService> hosted = [.. services.GetServices<IHostedService>()];

        public static async Task<Worker> StartAsync(FaultScene scene, WorkerLog log)
        {
            var toNew = new OldServerLink(scene.Settings.Portal.New);
            var services = new ServiceCollection()
                .AddKeyedSingleton(DatabaseNames.New, (_, _) => DatabaseServices.DataSource(Through(toNew, scene.Settings.Portal.New)))
                .AddKeyedSingleton(DatabaseNames.Old, (_, _) => DatabaseServices.DataSource(Through(scene.Link, scene.Settings.Portal.Old)))
                .AddLogging(logging => logging.AddProvider(log)).AddMetrics().AddPortalReplication()
                .AddPortalReplicationWorker(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
                {
                    ["Replication:Worker:Interval"] = "00:00:00.200",
                }).Build())
                .BuildServiceProvider();
            var worker = new Worker(services, toNew);
            await Task.WhenAll(worker.hosted.Select(h => h.StartAsync(CancellationToken.None)));
            return worker;
        }

        /// <summary>As the sockets of a killed process.</summary>
        public void Cut() => toNew.Stop();

        public async ValueTask DisposeAsync()
        {
            await Task.WhenAll(hosted.Select(h => h.StopAsync(CancellationToken.None)));
            await services.DisposeAsync();
            toNew.Dispose();
        }

        private static string Through(OldServerLink link, string connectionString) =>
            new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = link.Port }.ConnectionString;
    }
}
