using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Portal.Data.Replication;

/// <summary>Registers what watches over the replication. All of it is shared: admins see the same, and look only once.</summary>
public static class ReplicationRegistration
{
    public static IServiceCollection AddPortalReplication(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton<ExpectedTriggers>()
            .AddSingleton<OldDatabaseProbe>()
            .AddSingleton<ForeignServers>()
            .AddSingleton<ReplicationTriggers>()
            .AddSingleton<Comparison>()
            .AddSingleton<ReplicationStatus>();
    }
}
