using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Portal.Data.Replication;

namespace Portal.Web.Replication;

/// <summary>Whether the portal can serve: it needs the new database; without the old one it works on, and says so.</summary>
internal sealed class Readiness(ReplicationOutbox outbox, OldDatabaseProbe probe) : IHealthCheck
{
    /// <summary>How long the new database may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var state = await outbox.ReadAsync(cancellationToken);
            return !state.Retired && (state.BreakerOpen || !(await probe.Directly()).Reachable) ? HealthCheckResult.Degraded() : HealthCheckResult.Healthy();
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy();
        }
    }
}
