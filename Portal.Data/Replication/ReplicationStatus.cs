using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Extensions;
using Portal.Data.Accounts;

namespace Portal.Data.Replication;

/// <summary>Whether a comparison is made although there is a recent one.</summary>
public enum Freshness
{
    /// <summary>Not at all: what is known already is shown at once.</summary>
    Known,

    /// <summary>Only when the newest is old enough that comparing again is no burden.</summary>
    WhenDue,

    /// <summary>Always.</summary>
    Now,
}

/// <summary>The state of the whole replication in one record.</summary>
public sealed class ReplicationStatus(
    ReplicationOutbox outbox,
    ForeignServers servers,
    ReplicationTriggers triggers,
    Comparison comparison,
    TimeProvider time,
    ILogger<ReplicationStatus> log)
{
    // However many look on, comparing takes at most a twentieth of the time.
    private const int TimesItsLength = 20;

    // Of more refused rows only the number is told.
    private const int SetAsideListed = 20;

    private static readonly Duration AtLeast = Duration.FromSeconds(4);

    private ComparisonSummary? lagged;
    private Instant? repairSeen;

    public Task<Answer<ReplicationReport>> Read(
        Caller? caller, Freshness freshness = Freshness.WhenDue, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            if (await outbox.ReadAsync(cancel) is { Retired: true } retired)
            {
                return new ReplicationReport(new Reach(time.GetUtcNow().ToInstant(), null, null, null), await triggers.Read(cancel), retired, [], null, false, null);
            }

            var reach = servers.ReachOld(cancel);
            var installed = await triggers.Read(cancel);
            var before = await outbox.ReadAsync(cancel);
            await comparison.LookForNewer(cancel);
            var old = await reach;
            if (!old.Reachable || before.OldIsRight || freshness == Freshness.Known || !(freshness == Freshness.Now || IsDue(before)))
            {
                return new ReplicationReport(old, installed, before, await SetAside(before, cancel), comparison.Newest, Lagged, null);
            }

            var trouble = await Compare(cancel);
            var after = await outbox.ReadAsync(cancel);
            if (trouble is null)
            {
                repairSeen = before.RepairedAt;
                lagged = before.OutboxKeys > 0 || after.OutboxKeys > 0 ? comparison.Newest : lagged;
            }

            return new ReplicationReport(old, installed, after, await SetAside(after, cancel), comparison.Newest, Lagged, trouble);
        });

    private bool Lagged => lagged is not null && lagged == comparison.Newest;

    private bool IsDue(OutboxState state) =>
        comparison.Newest is not { } newest
        || state.RepairedAt != repairSeen
        || time.GetUtcNow().ToInstant() - newest.At > Duration.Max(AtLeast, Duration.FromTimeSpan(newest.Took) * TimesItsLength);

    private async Task<Trouble?> Compare(CancellationToken cancel)
    {
        try
        {
            await comparison.Summarise(cancel);
            return null;
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
        {
            return TroubleReader.OfNew(failure);
        }
    }

    private async Task<IReadOnlyList<SetAsideRow>> SetAside(OutboxState state, CancellationToken cancel) =>
        state.SetAside == 0 ? [] : await outbox.SetAsideAsync(SetAsideListed, cancel);
}
