using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using NodaTime.Extensions;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication;

/// <summary>Whether a comparison is made although there is a recent one.</summary>
public enum Freshness
{
    /// <summary>Only when the newest is old enough that comparing again is no burden.</summary>
    WhenDue,

    /// <summary>Always.</summary>
    Now,
}

/// <summary>The state of the whole replication in one record.</summary>
public sealed class ReplicationStatus(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    ForeignServers servers,
    ReplicationTriggers triggers,
    Comparison comparison,
    TimeProvider time,
    ILogger<ReplicationStatus> log)
{
    // However many look on, comparing takes at most a twentieth of the time.
    private const int TimesItsLength = 20;

    private static readonly Duration AtLeast = Duration.FromSeconds(4);

    public Task<Answer<ReplicationReport>> Read(
        Caller? caller, Freshness freshness = Freshness.WhenDue, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            var reach = servers.ReachOld(cancel);
            var installed = await triggers.Read(cancel);
            var outbox = await OutboxLength(cancel);
            var old = await reach;
            var trouble = old.Reachable && (freshness == Freshness.Now || IsDue) ? await Compare(cancel) : null;
            return new ReplicationReport(old, installed, outbox, comparison.Newest, trouble);
        });

    private bool IsDue =>
        comparison.Newest is not { } newest
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

    private async Task<long> OutboxLength(CancellationToken cancel)
    {
        await using var command = newDatabase.CreateCommand("select coalesce(sum(cardinality(keys)), 0)::bigint from replication.outbox");
        return await command.ExecuteScalarAsync(cancel) is long length ? length : 0;
    }
}
