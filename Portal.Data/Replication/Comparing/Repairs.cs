using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Comparing;

/// <summary>Makes old rows right again: always from the new side, through the engine that writes every change.</summary>
public sealed class Repairs(
    RepairStore store,
    RepairRunner runner,
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    [FromKeyedServices(DatabaseNames.Old)] NpgsqlDataSource oldDatabase,
    TimeProvider time,
    ILogger<Repairs> log)
{
    /// <summary>Rows that a dry run looks at: the first so many, and if none of these would be written, the next ones.</summary>
    public const int PreviewRows = 500;

    /// <summary>The dry run: what would change, cell by cell. Writes nothing. Goes on until it has found a row that would be
    /// written whatever is asked for, or as many that would be kept.</summary>
    public Task<Answer<RepairPreview>> Preview(Caller? caller, RepairScope scope, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            var table = await ComparedTable.Read(ComparedTable.Timesheets, newDatabase, oldDatabase, cancel);
            var second = new SecondLook(table, newDatabase, oldDatabase, time);
            var (rows, looked, after) = (new List<FoundDifference>(), 0, (long?)null);
            while (true)
            {
                var (total, next) = await store.Scope(scope, after, PreviewRows, cancel);
                rows.AddRange(await second.Look(next, cancel));
                looked += next.Length;
                var preview = new RepairPreview(total, looked, rows);
                if (preview.Writes(overwrite: false) > 0 || rows.Count >= PreviewRows || next.Length < PreviewRows)
                {
                    return preview;
                }

                after = next[^1];
            }
        });

    /// <summary>Begins one, which a portal then works on.</summary>
    /// <param name="why">Kept in the audit log with who asked.</param>
    /// <param name="overwrite">Whether rows that somebody else wrote in the old database may be overwritten.</param>
    public Task<Answer<Repair>> Start(
        Caller? caller, RepairScope scope, string why, bool overwrite = false, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            var id = await Begin(caller, scope, why, overwrite, cancel);
            return await AdminOnly.AfterChange(() => Known(id, cancel));
        });

    /// <summary>Makes one from beginning to end and says how it goes.</summary>
    public Task<Answer<Repair>> Make(
        Caller? caller, RepairScope scope, string why, bool overwrite, Action<Repair>? progress, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            var id = await Begin(caller, scope, why, overwrite, cancel);
            try
            {
                // If a portal was quicker to take it up, it is watched.
                while (!await runner.Work(id, progress, cancel) || !(await Known(id, cancel)).IsOver)
                {
                    await Task.Delay(200, cancel);
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                // Or a portal would take up much later what was given up here.
                await store.End(id, RepairState.Stopped, caller?.Name ?? "", CancellationToken.None);
                throw;
            }
            catch (Exception failure) when (failure is TroubleException || TroubleReader.IsOfDatabase(failure))
            {
                var trouble = failure is TroubleException known ? known.Trouble : TroubleReader.OfNew(failure);
                await AdminOnly.UnlessAway(() => store.End(id, RepairState.Failed, caller?.Name ?? "", CancellationToken.None, trouble.Summary));
                throw;
            }

            return await Known(id, cancel);
        });

    /// <summary>Stops one; what is done stays done.</summary>
    public Task<Answer<Repair>> Stop(Caller? caller, long id, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await store.End(id, RepairState.Stopped, caller?.Name ?? "", cancel);
            return await AdminOnly.AfterChange(() => Known(id, cancel));
        });

    private async Task<long> Begin(Caller? caller, RepairScope scope, string why, bool overwrite, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(why);
        return await store.OldIsRight(cancel)
            ? throw new TroubleException(new(
                TroubleKind.OldDatabase,
                "The old database is still the one that is right, so nothing is repaired there.",
                "Wait until the backfill is done and the new database is made the right one."))
            : await store.Start(ComparedTable.Timesheets, scope, caller?.Name ?? "", why.Trim(), overwrite, cancel);
    }

    private async Task<Repair> Known(long id, CancellationToken cancel) =>
        await store.Read(id, cancel) ?? throw new InvalidOperationException($"There is no repair {id}.");
}
