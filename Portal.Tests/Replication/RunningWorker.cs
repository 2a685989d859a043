using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Portal.Data.Replication;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>The portal's worker, looking more often than usual.</summary>
internal sealed class RunningWorker(ServiceProvider services) : IAsyncDisposable
{
    private readonly ReplicationWorker service = services.GetServices<IHostedService>().OfType<ReplicationWorker>().Single();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ReplicationMetrics Metrics => services.GetRequiredService<ReplicationMetrics>();

    public static async Task<RunningWorker> StartAsync(ReplicationScene scene, int batchKeys = 10_000, TimeSpan? verifyInterval = null)
    {
        var services = scene.Register(new ServiceCollection()).AddLogging().AddMetrics()
            .AddPortalReplicationWorker(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Replication:Worker:Interval"] = "00:00:00.050",
                ["Replication:Worker:ProbeTimeout"] = "00:00:01",
                ["Replication:Worker:BatchKeys"] = $"{batchKeys}",
                ["Replication:Worker:VerifyInterval"] = $"{verifyInterval ?? TimeSpan.FromSeconds(5)}",
            }).Build())
            .BuildServiceProvider();
        var worker = new RunningWorker(services);
        await worker.service.StartAsync(Cancel);
        return worker;
    }

    public static async Task Until(Func<Task<bool>> condition, TimeSpan? patience = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(patience ?? Patience.Length);
            await Task.Delay(25, Cancel);
        }
    }

    /// <summary>Waits until it has begun anew twice, so that all it does in one go has been done since.</summary>
    public async Task LooksTwiceAsync()
    {
        for (var look = 0; look < 2; look++)
        {
            var seen = Metrics.State;
            await Until(() => Task.FromResult(!ReferenceEquals(seen, Metrics.State)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await service.StopAsync(CancellationToken.None);
        await services.DisposeAsync();
    }
}
