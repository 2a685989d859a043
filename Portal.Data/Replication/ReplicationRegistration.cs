using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Portal.Data.Replication.Alarms;
using Portal.Data.Replication.Backfill;
using Portal.Data.Replication.Comparing;
using Portal.Data.Replication.Planning;

namespace Portal.Data.Replication;

/// <summary>Registers what watches over the replication. All of it is shared: admins see the same, and look only once.</summary>
public static class ReplicationRegistration
{
    public static IServiceCollection AddPortalReplication(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton<OldDatabaseProbe>()
            .AddSingleton<ForeignServers>()
            .AddSingleton<ReplicationTriggers>()
            .AddSingleton<TriggerSwitch>()
            .AddSingleton<OldSchema>()
            .AddSingleton<AlarmBook>()
            .AddSingleton<AuditLog>()
            .AddSingleton<History>()
            .AddSingleton<DeliveryProbe>()
            .AddSingleton<Comparison>()
            .AddSingleton<ComparisonStore>()
            .AddSingleton<ComparisonRunner>()
            .AddSingleton<ComparisonRuns>()
            .AddSingleton<ComparisonSchedules>()
            .AddSingleton<ComparisonReports>()
            .AddSingleton<RepairStore>()
            .AddSingleton<RepairRunner>()
            .AddSingleton<Repairs>()
            .AddSingleton<ReplicationOutbox>()
            .AddSingleton<ReplicationRates>()
            .AddSingleton<ReplicationSwitch>()
            .AddSingleton<ReplicationStatus>()
            .AddSingleton<BackfillService>()
            .AddSingleton<QuarantineService>()
            .AddSingleton<OldGuard>()
            .AddSingleton<PlanReading>()
            .AddSingleton<PlanService>();
    }

    /// <summary>Adds the worker that empties the outbox, to the portal itself and not to its single commands.</summary>
    public static IServiceCollection AddPortalReplicationWorker(this IServiceCollection services, IConfiguration configuration) =>
        services
            .Configure<ReplicationWorkerOptions>(configuration.GetSection(ReplicationWorkerOptions.Section))
            .AddSingleton<ReplicationMetrics>()
            .AddHostedService<ReplicationWorker>()
            .AddHostedService<ComparisonWorker>()
            .AddHostedService<BackfillWorker>()
            .AddHostedService<ReaderWatch>();
}
