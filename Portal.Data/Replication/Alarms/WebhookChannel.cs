using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.Options;

namespace Portal.Data.Replication.Alarms;

/// <summary>Tells of alarms by posting JSON, once for each event.</summary>
public sealed class WebhookChannel(IHttpClientFactory clients, IOptions<AlarmOptions> options) : IAlarmChannel
{
    private readonly AlarmOptions options = options.Value;

    public string Name => "webhook";

    public bool IsOn => options.Webhook.Url is not null;

    public async Task TellAsync(AlarmEvent what, CancellationToken cancel)
    {
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            deadline.CancelAfter(options.Webhook.Timeout);
            using var client = clients.CreateClient(nameof(WebhookChannel));
            using var request = new HttpRequestMessage(HttpMethod.Post, options.Webhook.Url)
            {
                Content = JsonContent.Create(new
                {
                    id = what.AlarmId,
                    @event = what.Event,
                    what.Cause,
                    what.Subject,
                    title = AlarmWords.Title(what.Cause),
                    what.Text,
                    openedAt = what.OpenedAt.ToDateTimeOffset(),
                    resolvedAt = what.ResolvedAt?.ToDateTimeOffset(),
                    link = options.PortalAddress is { } portal ? new Uri(portal, AlarmWords.Page(what.Cause)).AbsoluteUri : null,
                }),
            };
            // Whoever is told twice can tell.
            request.Headers.Add("Idempotency-Key", $"alarm-{what.AlarmId}-{what.Event}");
            if (!string.IsNullOrEmpty(options.Webhook.Token))
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Webhook.Token);
            }

            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new AlarmNotToldException($"The webhook answered with {(int)response.StatusCode}.");
            }
        }
        catch (HttpRequestException failure)
        {
            throw new AlarmNotToldException("The webhook cannot be reached.", failure);
        }
        catch (OperationCanceledException failure) when (!cancel.IsCancellationRequested)
        {
            throw new AlarmNotToldException("The webhook did not answer in time.", failure);
        }
    }
}
