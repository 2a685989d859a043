using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Portal.Data.Replication.Alarms;

public static class AlarmRegistration
{
    /// <summary>Adds the watch over the replication, to the portal itself and not to its single commands.</summary>
    public static IServiceCollection AddPortalAlarms(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHttpClient(nameof(WebhookChannel));
        return services
            .Configure<AlarmOptions>(configuration.GetSection(AlarmOptions.Section))
            .AddSingleton<IAlarmChannel, EmailChannel>()
            .AddSingleton<IAlarmChannel, WebhookChannel>()
            .AddSingleton<AlarmSignal>()
            .AddHostedService(provider => provider.GetRequiredService<AlarmSignal>())
            .AddHostedService<AlarmWatch>();
    }
}
