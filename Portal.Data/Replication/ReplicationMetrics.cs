using System.Diagnostics.Metrics;

namespace Portal.Data.Replication;

/// <summary>The figures of the replication, for OpenTelemetry. Gauges show what the worker saw last.</summary>
public sealed class ReplicationMetrics
{
    public const string MeterName = "Portal.Replication";

    private readonly Counter<long> drained;
    private readonly Counter<long> failed;

    public ReplicationMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        drained = meter.CreateCounter<long>("portal.replication.drained", "{key}", "Keys written from the outbox.");
        failed = meter.CreateCounter<long>("portal.replication.failed", "{attempt}", "Attempts to empty the outbox that failed.");
        meter.CreateObservableCounter("portal.replication.changed", () => Known(counts?.Changed), "{row}", "Rows changed in the tables that the mappings read, as the new database counts them.");
        meter.CreateObservableCounter("portal.replication.written", () => Known(counts?.Written), "{row}", "Rows of old tables written, as the old database counts them.");
        meter.CreateObservableGauge("portal.replication.outbox.keys", () => State?.OutboxKeys ?? 0, "{key}", "Keys that wait.");
        meter.CreateObservableGauge("portal.replication.outbox.age", () => State?.OldestAge?.TotalSeconds ?? 0, "s", "How long the oldest key has waited.");
        meter.CreateObservableGauge("portal.replication.set_aside", () => State?.SetAside ?? 0, "{row}", "Rows that the old table refuses.");
        meter.CreateObservableGauge("portal.replication.breaker.open", () => State is { BreakerOpen: true } ? 1 : 0, "{breaker}", "1 while the old database is known to be out of reach.");
        meter.CreateObservableGauge("portal.replication.verified.differences", () => State?.VerifiedDifferences ?? 0, "{row}", "Rows that differed in the last whole round of the continuous check.");
    }

    private ReplicationCounts? counts;

    /// <summary>What the worker saw last.</summary>
    public OutboxState? State { get; set; }

    /// <summary>Keeps what the databases count; of an old one that is out of reach, what it said last.</summary>
    public void Count(ReplicationCounts seen) => counts = seen with { Written = seen.Written ?? counts?.Written };

    public void Drained(int keys) => drained.Add(keys);

    public void Failed(string code) => failed.Add(1, new KeyValuePair<string, object?>("code", code));

    private static IEnumerable<Measurement<long>> Known(long? count) => count is { } known ? [new(known)] : [];
}
