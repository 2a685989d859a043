namespace Portal.Data.Replication;

/// <summary>How the worker goes about it; section <c>Replication:Worker</c> of the configuration.</summary>
public sealed class ReplicationWorkerOptions
{
    public const string Section = "Replication:Worker";

    /// <summary>How often it looks when nothing tells it to.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the old database may take to answer before it counts as out of reach.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Keys written in one transaction.</summary>
    public int BatchKeys { get; set; } = 10_000;

    /// <summary>Rows compared in one slice of the continuous check.</summary>
    public int VerifyRows { get; set; } = 10_000;

    /// <summary>Rest between two slices. After a start or an interruption a whole round is made without rest.</summary>
    public TimeSpan VerifyInterval { get; set; } = TimeSpan.FromSeconds(5);
}
