using Portal.Data.Replication.Comparing;

namespace Portal.Tests.Replication.Comparing;

/// <summary>A second old table, of one source table and any columns, compared by chunks of ten rows.</summary>
internal sealed class ComparedScene : IAsyncDisposable
{
    private static readonly ChunkSize _small = new(10, 3);

    private ComparedScene(EngineScene engine) => Engine = engine;

    public EngineScene Engine { get; }

    /// <summary>Makes the tables.</summary>
    /// <param name="oldColumns">Columns of the old table beside <c>id</c>.</param>
    /// <param name="newColumns">The same in the new database, if they are other ones there.</param>
    public static async Task<ComparedScene> CreateAsync(string oldColumns, string? newColumns = null, string types = "")
    {
        var scene = new ComparedScene(await EngineScene.CreateAsync());
        await scene.Engine.OldAsync($"""
            {types}
            create table odd_old (id bigint primary key, {oldColumns});
            alter table odd_old owner to portal_owner;
            grant select, insert, update, delete on odd_old to portal_replicator;
            grant select on odd_old to portal_app;
            """);
        await scene.Engine.OwnerAsync($$"""
            {{types}}
            create table odd (id bigint primary key, {{newColumns ?? oldColumns}});
            import foreign schema public limit to (odd_old) from server timesheet_old_server into timesheet_old_schema;
            create view mapping.odd_old as select * from public.odd;
            insert into replication.mapping (name, view_name, old_table, foreign_table, sources)
            values ('odd_old', 'mapping.odd_old', 'public.odd_old', 'timesheet_old_schema.odd_old', '{"public.odd": {"key": "id"} }');
            select replication.install('odd_old');
            grant select, insert, update, delete on odd to portal_app;
            grant select on mapping.odd_old, timesheet_old_schema.odd_old to portal_app;
            """);
        return scene;
    }

    /// <summary>Compares all rows from one key on.</summary>
    /// <param name="isLarge">By chunks as large as usual instead of ten rows.</param>
    public async Task<(List<FoundDifference> Found, ComparedStep[] Steps)> CompareAsync(long? from = null, bool isLarge = false)
    {
        var cancel = TestContext.Current.CancellationToken;
        var (fresh, old) = (Engine.Databases.New, Engine.Databases.Old);
        var table = await ComparedTable.Read("odd_old", fresh, old, cancel);
        List<FoundDifference> found = [];
        List<ComparedStep> steps = [];
        var comparison = new ChunkComparison(table, new SecondLook(table, fresh, old, TimeProvider.System), ComparisonLoad.Full, TimeProvider.System, isLarge ? null : _small);
        await foreach (var step in comparison.Run(from, Keep, cancel))
        {
            steps.Add(step);
        }

        return (found, [.. steps]);

        Task Keep(IReadOnlyList<FoundDifference> differences)
        {
            found.AddRange(differences);
            return Task.CompletedTask;
        }
    }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();
}
