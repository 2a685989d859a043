using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Portal.Data.Replication.Alarms;

namespace Portal.Tests.Replication.Alarms;

/// <summary>A scene and portals that watch over it, each by hand: a portal looks when a test says so.</summary>
internal sealed class AlarmScene : IAsyncDisposable
{
    private readonly List<ServiceProvider> portals = [];

    private AlarmScene(ReplicationScene scene) => Scene = scene;

    public ReplicationScene Scene { get; }

    public static async Task<AlarmScene> CreateAsync() => new(await ReplicationScene.CreateAsync());

    /// <summary>Starts a portal. What has ended counts as ended at once, unless the settings say otherwise.</summary>
    public AlarmWatch Portal(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            settings.Prepend(("Quiet", "00:00:00")).GroupBy(s => s.Item1).Select(s => KeyValuePair.Create($"Alarms:{s.Key}", (string?)s.Last().Item2))).Build();
        var portal = Scene.Register(new ServiceCollection()).AddLogging().AddPortalAlarms(configuration).BuildServiceProvider();
        portals.Add(portal);
        return portal.GetServices<IHostedService>().OfType<AlarmWatch>().Single();
    }

    public Task<AlarmPage> ListAsync(bool onlyOpen = false, long? before = null) => ListAsync(portals[0], onlyOpen, before);

    public async Task<IReadOnlyList<Alarm>> OpenAsync() => (await ListAsync(onlyOpen: true)).Alarms;

    public async ValueTask DisposeAsync()
    {
        foreach (var portal in portals)
        {
            await portal.DisposeAsync();
        }

        await Scene.DisposeAsync();
    }

    private static async Task<AlarmPage> ListAsync(ServiceProvider portal, bool onlyOpen, long? before) =>
        (await portal.GetRequiredService<AlarmBook>().List(ReplicationScene.Admin, onlyOpen, before)).Value.ShouldNotBeNull();
}
