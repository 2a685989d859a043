using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Portal.Tests.Replication.Alarms;

public sealed class WebhookTests
{
    private const string Off = "alter table worker disable trigger capture_update_timesheet_old";
    private const string On = "alter table worker enable trigger capture_update_timesheet_old";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_ends_of_an_alarm_are_posted_once_each_also_after_a_restart()
    {
        await using var hook = await Hook.StartAsync();
        await using var alarms = await AlarmScene.CreateAsync();
        (string, string)[] settings = [("Webhook:Url", hook.Url), ("Webhook:Token", "secret-word"), ("PortalAddress", "https://portal.test/")];
        await alarms.Scene.NewAsync(Off);
        await alarms.Portal(settings).LookAsync(Cancel);

        // Another portal, as after a restart, has nothing more to say.
        var restarted = alarms.Portal(settings);
        await restarted.LookAsync(Cancel);
        await alarms.Scene.NewAsync(On);
        await restarted.LookAsync(Cancel);
        await restarted.LookAsync(Cancel);

        hook.Bodies.Select(b => b.GetProperty("event").GetString()).ShouldBe(["opened", "resolved"]);
        var opened = hook.Bodies.First();
        opened.GetProperty("cause").GetString().ShouldBe("trigger");
        opened.GetProperty("text").GetString().ShouldNotBeNull().ShouldContain("capture_update_timesheet_old is switched off");
        opened.GetProperty("link").GetString().ShouldBe("https://portal.test/replication/triggers");
        opened.GetProperty("resolvedAt").ValueKind.ShouldBe(JsonValueKind.Null);
        hook.Bodies.Last().GetProperty("id").GetInt64().ShouldBe(opened.GetProperty("id").GetInt64());
        hook.Logins.ShouldAllBe(l => l == "Bearer secret-word");
    }

    [Fact]
    public async Task Several_portals_that_look_at_the_same_moment_tell_once()
    {
        await using var hook = await Hook.StartAsync();
        await using var alarms = await AlarmScene.CreateAsync();
        var portals = Enumerable.Range(0, 4).Select(_ => alarms.Portal(("Webhook:Url", hook.Url))).ToList();
        await alarms.Scene.NewAsync(Off);

        await Task.WhenAll(portals.Select(p => p.LookAsync(Cancel)));
        await portals[0].LookAsync(Cancel);

        hook.Bodies.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_was_refused_is_tried_again_later_and_the_end_is_not_told_before_the_beginning()
    {
        await using var hook = await Hook.StartAsync();
        hook.Answer = StatusCodes.Status503ServiceUnavailable;
        await using var alarms = await AlarmScene.CreateAsync();
        var portal = alarms.Portal(("Webhook:Url", hook.Url));
        await alarms.Scene.NewAsync(Off);
        await portal.LookAsync(Cancel);
        await portal.LookAsync(Cancel);
        await alarms.Scene.NewAsync(On);
        await portal.LookAsync(Cancel);

        hook.Bodies.Count.ShouldBe(1);
        var told = (await alarms.ListAsync()).Alarms.Single().Told.Single(t => t.Event == "opened");
        (told.Attempts, told.Problem, told.DeliveredAt).ShouldBe((1, "The webhook answered with 503.", null));
        (await alarms.Scene.NewAsync<bool>("""
            select next_attempt_at between now() + interval '10 seconds' and now() + interval '20 seconds' from replication.alarm_delivery where event = 'opened'
            """)).ShouldBeTrue();

        hook.Answer = StatusCodes.Status200OK;
        await alarms.Scene.NewAsync("update replication.alarm_delivery set next_attempt_at = now()");
        await portal.LookAsync(Cancel);
        await portal.LookAsync(Cancel);

        hook.Bodies.Select(b => b.GetProperty("event").GetString()).ShouldBe(["opened", "opened", "resolved"]);
        (await alarms.ListAsync()).Alarms.Single().Told.ShouldAllBe(t => t.DeliveredAt != null && t.Problem == null);
    }

    [Fact]
    public async Task A_listener_that_is_not_there_or_does_not_answer_holds_up_nothing_else()
    {
        await using var hook = await Hook.StartAsync();
        hook.Hangs = true;
        await using var alarms = await AlarmScene.CreateAsync();
        await alarms.Scene.NewAsync(Off);

        await alarms.Portal(("Webhook:Url", hook.Url), ("Webhook:Timeout", "00:00:00.3")).LookAsync(Cancel);

        (await alarms.OpenAsync()).Single().Told.Single().Problem.ShouldBe("The webhook did not answer in time.");
        await hook.DisposeAsync();
        await alarms.Scene.NewAsync("update replication.alarm_delivery set next_attempt_at = now()");
        await alarms.Portal(("Webhook:Url", hook.Url)).LookAsync(Cancel);
        (await alarms.OpenAsync()).Single().Told.Single().Problem.ShouldBe("The webhook cannot be reached.");
    }

    [Fact]
    public async Task Who_is_not_configured_is_not_told()
    {
        await using var alarms = await AlarmScene.CreateAsync();
        await alarms.Scene.NewAsync(Off);

        await alarms.Portal().LookAsync(Cancel);

        (await alarms.Scene.NewAsync<long>("select count(*) from replication.alarm_delivery")).ShouldBe(0);
    }

    /// <summary>Somebody who listens.</summary>
    private sealed class Hook : IAsyncDisposable
    {
        private readonly WebApplication app;
        private readonly CancellationTokenSource gone = new();

        private Hook(WebApplication app) => this.app = app;

        public ConcurrentQueue<JsonElement> Bodies { get; } = new();

        public ConcurrentQueue<string> Logins { get; } = new();

        public int Answer { get; set; } = StatusCodes.Status200OK;

        public bool Hangs { get; set; }

        public string Url { get; private set; } = "";

        public static async Task<Hook> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var hook = new Hook(builder.Build());
            hook.app.MapPost("/alarms", hook.Take);
            await hook.app.StartAsync(Cancel);
            hook.Url = $"{hook.app.Urls.Single()}/alarms";
            return hook;
        }

        private async Task<IResult> Take(HttpRequest request)
        {
            if (Hangs)
            {
                await Task.Delay(Timeout.Infinite, gone.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            Bodies.Enqueue((await JsonDocument.ParseAsync(request.Body)).RootElement);
            Logins.Enqueue(request.Headers.Authorization.ToString());
            return Results.StatusCode(Answer);
        }

        public async ValueTask DisposeAsync()
        {
            await gone.CancelAsync();
            await app.DisposeAsync();
        }
    }
}
