using System.Net;
using Npgsql;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>What machines ask the portal, without signing in.</summary>
public sealed class OperatingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readiness_follows_the_databases_and_the_figures_are_there()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        using var newLink = new OldServerLink(scene.Databases.Settings.Portal.New);
        await using var portal = Start(scene, newLink);
        using var client = new HttpClient { BaseAddress = new Uri((await portal.SaysAsync("Portal is ready on ")).Split(' ')[4]) };

        await BecomesAsync(client, HttpStatusCode.OK, "Healthy");
        // The worker's first look fills them.
        string figures;
        do
        {
            figures = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel);
        }
        while (!figures.Contains("portal_replication_written_total", StringComparison.Ordinal));

        foreach (var gauge in new[] { "outbox_keys", "outbox_age_seconds", "set_aside", "breaker_open", "verified_differences", "changed_total", "written_total" })
        {
            figures.ShouldContain($"portal_replication_{gauge}");
        }

        figures.ShouldNotContain("Okafor");
        figures.ShouldNotContain("Host=");

        var port = scene.Link.Port;
        scene.Link.Stop();
        await BecomesAsync(client, HttpStatusCode.OK, "Degraded");
        scene.Link.Start(port);
        await BecomesAsync(client, HttpStatusCode.OK, "Healthy");

        newLink.Stop();
        await BecomesAsync(client, HttpStatusCode.ServiceUnavailable, "Unhealthy");
        (await client.GetStringAsync(new Uri("/healthz/live", UriKind.Relative), Cancel)).ShouldBe("Healthy");
    }

    private static PortalProcess Start(ReplicationScene scene, OldServerLink newLink) => PortalProcess.Start(
        scene.Configuration.ToDictionary(c => c.Key, c => (string?)c.Value).Append(KeyValuePair.Create("ConnectionStrings:New", (string?)
            new NpgsqlConnectionStringBuilder(scene.Configuration["ConnectionStrings:New"]) { Host = "127.0.0.1", Port = newLink.Port }.ConnectionString))
            .GroupBy(c => c.Key).ToDictionary(c => c.Key, c => c.Last().Value),
        "--Urls=http://127.0.0.1:0");

    private static async Task BecomesAsync(HttpClient client, HttpStatusCode code, string word)
    {
        (HttpStatusCode, string) answer = default;
        for (var tries = 0; tries < 100 && answer != (code, word); tries++)
        {
            using var response = await client.GetAsync(new Uri("/healthz/ready", UriKind.Relative), Cancel);
            answer = (response.StatusCode, await response.Content.ReadAsStringAsync(Cancel));
            await Task.Delay(100, Cancel);
        }

        answer.ShouldBe((code, word));
    }
}
