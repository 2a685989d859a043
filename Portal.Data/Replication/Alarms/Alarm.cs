using NodaTime;

namespace Portal.Data.Replication.Alarms;

/// <summary>What was or is the matter, from when it was first seen until it has ended.</summary>
/// <param name="Cause">drift, breaker, outbox, set_aside, trigger, schema or old_written.</param>
/// <param name="Subject">What it is about, where there can be several of a cause.</param>
/// <param name="Text">What is the matter, as it was seen last.</param>
/// <param name="Told">What was told of it outside the portal.</param>
public sealed record Alarm(
    long Id, string Cause, string Subject, string Text, Instant OpenedAt, Instant LastSeenAt, Instant? ResolvedAt, IReadOnlyList<AlarmDelivery> Told)
{
    public bool IsOpen => ResolvedAt is null;
}

/// <summary>Whether an event was told by a channel.</summary>
/// <param name="Event">opened or resolved.</param>
/// <param name="Channel">email or webhook.</param>
/// <param name="Problem">Why the last attempt failed; null when it did not, or there was none.</param>
public sealed record AlarmDelivery(string Event, string Channel, int Attempts, Instant? DeliveredAt, string? Problem);

/// <summary>Some alarms, newest first.</summary>
/// <param name="OpenCount">How many last at this moment, on this page or not.</param>
/// <param name="HasMore">Whether older ones follow.</param>
public sealed record AlarmPage(IReadOnlyList<Alarm> Alarms, int OpenCount, bool HasMore);

/// <summary>What is to be told outside the portal.</summary>
/// <param name="Event">opened or resolved.</param>
public sealed record AlarmEvent(long AlarmId, string Event, string Cause, string Subject, string Text, Instant OpenedAt, Instant? ResolvedAt)
{
    public bool IsResolved => Event == "resolved";
}

/// <summary>A way to tell people outside the portal.</summary>
public interface IAlarmChannel
{
    /// <summary>Its name in the database: email or webhook.</summary>
    string Name { get; }

    /// <summary>Whether it is configured.</summary>
    bool IsOn { get; }

    /// <summary>Tells of one event.</summary>
    /// <exception cref="AlarmNotToldException">It was not taken.</exception>
    Task TellAsync(AlarmEvent what, CancellationToken cancel);
}

/// <summary>An alarm was not taken; the message says why, without secrets.</summary>
public sealed class AlarmNotToldException(string message, Exception? cause = null) : Exception(message, cause);
