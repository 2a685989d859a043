using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Portal.Data.Replication;

namespace Portal.Web.Replication;

/// <summary>What machines ask the portal: whether it lives, whether it can serve, and its figures. Open to all, so
/// nothing of persons, names or addresses is in it.</summary>
internal static class OperatingRegistration
{
    private const string Ready = "ready";

    public static IServiceCollection AddPortalOperating(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<Readiness>(Ready, tags: [Ready], timeout: Readiness.Patience);
        // Npgsql's own figures would carry the connection string, with hosts and logins.
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("portal"))
            .WithMetrics(metrics => metrics.AddMeter(ReplicationMetrics.MeterName).AddPrometheusExporter());
        return services;
    }

    public static WebApplication MapPortalOperating(this WebApplication app)
    {
        // Living is answering at all; a database that is away is no reason to start the portal anew.
        app.MapHealthChecks("/healthz/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/healthz/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready) }).AllowAnonymous();
        app.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymous();
        return app.MapComparisonCsv();
    }
}
