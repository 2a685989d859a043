using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Comparing;

/// <summary>Comparisons, the newest first.</summary>
public sealed record ComparisonList(IReadOnlyList<ComparisonRun> Runs);

/// <summary>A page of differences, with the columns to show them by.</summary>
/// <param name="HasEarlier">Whether some come before the first.</param>
/// <param name="HasLater">Whether more come after the last.</param>
public sealed record DifferencePage(IReadOnlyList<ComparedColumn> Columns, IReadOnlyList<FoundDifference> Rows, bool HasEarlier, bool HasLater);

/// <summary>Comparisons of whole tables: to begin, to watch, to hold and to read what they found.</summary>
public sealed class ComparisonRuns(
    ComparisonStore store,
    ComparisonRunner runner,
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    [FromKeyedServices(DatabaseNames.Old)] NpgsqlDataSource oldDatabase,
    ILogger<ComparisonRuns> log)
{
    public const int PageSize = 25;

    private const int ReadAtOnce = 1_000;

    /// <summary>Begins one, which a portal then works on; if one is under way, gives that one.</summary>
    public Task<Answer<ComparisonRun>> Start(Caller? caller, ComparisonLoad load, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            var id = await store.Start(ComparedTable.Timesheets, Name(caller), ComparisonOrigin.Asked, load, cancel);
            return await AdminOnly.AfterChange(() => Known(id, cancel));
        });

    /// <summary>Makes one from beginning to end and says how it goes.</summary>
    public Task<Answer<ComparisonRun>> Make(Caller? caller, ComparisonLoad load, Action<ComparisonRun>? progress, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            var id = await store.Start(ComparedTable.Timesheets, Name(caller), ComparisonOrigin.Command, load, cancel);
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
                await store.Switch(id, ComparisonState.Stopped, Name(caller), CancellationToken.None);
                throw;
            }
            catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
            {
                await AdminOnly.UnlessAway(() => store.Fail(id, TroubleReader.OfNew(failure).Summary, CancellationToken.None));
                throw;
            }

            return await Known(id, cancel);
        });

    /// <summary>Pauses, resumes (running) or stops one; gives it as it is then.</summary>
    public Task<Answer<ComparisonRun>> Switch(Caller? caller, long id, ComparisonState to, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await store.Switch(id, to, Name(caller), cancel);
            return await AdminOnly.AfterChange(() => Known(id, cancel));
        });

    /// <summary>One of them.</summary>
    public Task<Answer<ComparisonRun>> Read(Caller? caller, long id, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () => await store.Read(id, cancel) is { } run ? (Answer<ComparisonRun>)run : NoSuch(id));

    /// <summary>All comparisons, the newest first.</summary>
    public Task<Answer<ComparisonList>> List(Caller? caller, int most = 20, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () => new ComparisonList(await store.List(most, cancel)));

    /// <summary>What one has found, in order of key.</summary>
    public Task<Answer<DifferencePage>> Differences(
        Caller? caller, long id, DifferenceFilter filter, int size = PageSize, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
            await store.Page(id, filter, await Columns(id, cancel), size, cancel));

    /// <summary>All that one has found, little by little. Whoever asks has been let in by <see cref="Read"/>.</summary>
    public async IAsyncEnumerable<FoundDifference> AllDifferences(
        long id, DifferenceFilter filter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var columns = await Columns(id, cancel);
        for (var rest = filter; ;)
        {
            var rows = await store.Differences(id, rest, columns, ReadAtOnce, cancel);
            foreach (var row in rows)
            {
                yield return row;
            }

            if (rows.Count < ReadAtOnce)
            {
                yield break;
            }

            rest = rest with { After = rows[^1].Key };
        }
    }

    private async Task<IReadOnlyList<ComparedColumn>> Columns(long id, CancellationToken cancel) =>
        (await ComparedTable.Read((await Known(id, cancel)).Mapping, newDatabase, oldDatabase, cancel)).Columns;

    private async Task<ComparisonRun> Known(long id, CancellationToken cancel) =>
        await store.Read(id, cancel) ?? throw new InvalidOperationException($"There is no comparison {id}.");

    private static Trouble NoSuch(long id) => new(
        TroubleKind.NewDatabase, $"There is no comparison {id}.", "Look for its number in the list of comparisons.");

    private static string Name(Caller? caller) => caller?.Name ?? "";
}
