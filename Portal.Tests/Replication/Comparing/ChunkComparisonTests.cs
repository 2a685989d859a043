using System.Globalization;
using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;
using Portal.Tests.Support;

namespace Portal.Tests.Replication.Comparing;

/// <summary>What a comparison finds. PORTAL_COMPARE_ROWS says among how many rows single differences are looked for.</summary>
[EveryPostgres]
public sealed class ChunkComparisonTests
{
    private const int UsualRows = 2000;

    private static int Rows =>
        int.TryParse(Environment.GetEnvironmentVariable("PORTAL_COMPARE_ROWS"), CultureInfo.InvariantCulture, out var rows) ? rows : UsualRows;

    [Theory]
    [InlineData("text", "case id when 3 then 'row 4' else 'row 3' end")]
    [InlineData("number", "case id when 3 then 4 else 3 end")]
    [InlineData("text", "case id when 3 then null else 'row 3' end")]
    public async Task Values_that_changed_places_within_a_chunk_are_found(string column, string value)
    {
        await using var scene = await ComparedScene.CreateAsync("text text, number integer");
        await scene.Engine.WriteAsync("insert into odd select n, 'row ' || n, n from generate_series(1, 30) n");
        await scene.Engine.OldAsync($"update odd_old set {column} = {value} where id in (3, 4)");

        (await scene.CompareAsync()).Found.Select(d => (d.Key, d.Kind)).ShouldBe([(3, Difference.Different), (4, Difference.Different)]);
    }

    [Fact]
    public async Task A_column_that_was_dropped_and_the_order_of_columns_do_not_matter()
    {
        await using var scene = await ComparedScene.CreateAsync("gone text, second text, first integer", "first integer, second text");
        await scene.Engine.OldAsync("alter table odd_old drop gone");
        await scene.Engine.OwnerAsync("alter foreign table timesheet_old_schema.odd_old drop column gone");
        await scene.Engine.WriteAsync("insert into odd select n, n, 'x' || n from generate_series(1, 25) n");

        var (found, steps) = await scene.CompareAsync();

        found.ShouldBeEmpty();
        steps.Sum(s => s.Opened).ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_difference_of_each_kind_among_many_rows_is_found_wherever_it_is(bool isDense)
    {
        await using var scene = await ComparedScene.CreateAsync("text text");
        // Sparse keys of both signs, dense in places; or dense ones with holes.
        var rows = $"""
            select {(isDense ? "n - 700 + n / 7" : "n * n * case when n % 3 = 0 then -1 else 1 end")}, 'row ' || n from generate_series(1, {Rows}::bigint) n
            """;
        await scene.Engine.OldAsync("insert into odd_old " + rows);
        await scene.Engine.OwnerAsync($"alter table odd disable trigger user; insert into odd {rows}; alter table odd enable trigger user");
        var keys = await scene.Engine.AskAsync<long[]>("select array_agg(id order by id) from odd");
        var seed = Random.Shared.Next();
        var random = new Random(seed);

        for (var round = 0; round < 25; round++)
        {
            var chosen = random.GetItems(keys, 2).Distinct().ToArray();
            var (missing, different) = (chosen[0], chosen.Length > 1 ? chosen[1] : keys.First(k => k != chosen[0]));
            long extra;
            do
            {
                extra = isDense ? random.NextInt64(keys[0] - 3, keys[^1] + 4) : random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
            }
            while (keys.Contains(extra));

            await scene.Engine.OldAsync($"""
                delete from odd_old where id = {missing};
                update odd_old set text = text || '.' where id = {different};
                insert into odd_old values ({extra}, 'extra');
                """);
            var (found, steps) = await scene.CompareAsync(isLarge: Rows > UsualRows);

            found.Select(d => (d.Key, d.Kind)).Order().ShouldBe(
                new[] { (missing, Difference.Missing), (different, Difference.Different), (extra, Difference.Extra) }.Order(), $"seed {seed}, round {round}");
            steps.Sum(s => s.Compared).ShouldBe(keys.Length + 1);
            await scene.Engine.OldAsync($"delete from odd_old where id = {extra}");
            await scene.Engine.WriteAsync($"update odd set text = text || '!' where id in ({missing}, {different})");
        }
    }

    [Fact]
    public async Task Rows_that_only_one_side_has_are_found_however_many_there_are()
    {
        await using var scene = await ComparedScene.CreateAsync("text text");
        await scene.Engine.WriteAsync("insert into odd select n, 'row' from generate_series(1, 30000) n");
        // A busy machine may have left it to the worker.
        await scene.Engine.DrainAsync();
        await scene.Engine.OldAsync("delete from odd_old where id > 50");

        var (found, steps) = await scene.CompareAsync();

        found.Count.ShouldBe(29_950);
        found.ShouldAllBe(d => d.Kind == Difference.Missing);
        steps.Sum(s => s.Compared).ShouldBe(30_000);
        (await scene.CompareAsync(from: 29_991)).Found.Count.ShouldBe(10);
    }

    [Fact]
    public async Task Neither_side_has_a_row_and_nothing_differs()
    {
        await using var scene = await ComparedScene.CreateAsync("text text");

        var (found, steps) = await scene.CompareAsync();

        found.ShouldBeEmpty();
        steps.ShouldHaveSingleItem().Compared.ShouldBe(0);
    }

    [Fact]
    public async Task Likely_causes_are_told_where_they_are_known()
    {
        await using var scene = await ComparedScene.CreateAsync("text text check (text <> 'bad')", "text text");
        await scene.Engine.WriteAsync("insert into odd select n, 'row' from generate_series(1, 30) n");
        await scene.Engine.WriteAsync("update odd set text = 'bad' where id = 3");
        await scene.Engine.OwnerAsync("select replication.set_mode('paused', 'Ada')");
        await scene.Engine.WriteAsync("update odd set text = 'later' where id = 4");
        await scene.Engine.OldAsync("""
            update odd_old set text = 'theirs' where id in (5, 6);
            create or replace function portal_replication.written_by_others(target text, keys bigint[])
            returns table (key bigint, at timestamptz, written_by text) language sql stable
            as $$ select 5::bigint, now(), 'somebody' where target = 'public.odd_old' and 5 = any (keys) $$;
            """);

        (await scene.CompareAsync()).Found.OrderBy(d => d.Key).Select(d => (d.Key, d.Cause)).ShouldBe(
            [(3, DifferenceCause.SetAside), (4, DifferenceCause.Queued), (5, DifferenceCause.WrittenByOther), (6, DifferenceCause.Unknown)]);

        await scene.Engine.OwnerAsync("alter table odd disable trigger capture_update_odd_old");
        (await scene.CompareAsync()).Found.Single(d => d.Key == 6).Cause.ShouldBe(DifferenceCause.TriggerOff);

        await scene.Engine.OwnerAsync("""
            alter table odd enable always trigger capture_update_odd_old;
            insert into replication.alarm (cause, subject, text, resolved_at) values ('trigger', 'public.odd', 'Off', now());
            """);
        (await scene.CompareAsync()).Found.Single(d => d.Key == 6).Cause.ShouldBe(DifferenceCause.TriggerOff, "it was off for a while");
        await scene.Engine.OwnerAsync("""
            insert into replication.comparison (mapping, account, origin, state, finished_at) values ('odd_old', 'Ada', 'asked', 'finished', now())
            """);
        (await scene.CompareAsync()).Found.Single(d => d.Key == 6).Cause.ShouldBe(DifferenceCause.Unknown, "all rows were equal after that");
    }

    [Fact]
    public async Task A_row_that_waits_again_once_it_was_delivered_is_no_difference()
    {
        await using var scene = await ComparedScene.CreateAsync("text text");
        await scene.Engine.WriteAsync("insert into odd select n, 'row' from generate_series(1, 30) n");
        await scene.Engine.OwnerAsync("select replication.set_mode('queued', 'Ada')");
        await scene.Engine.WriteAsync("update odd set text = 'first' where id = 4");

        var comparing = scene.CompareAsync();
        // Never caught up, until the comparison has seen that it was delivered and waits anew.
        for (var n = 0; !comparing.IsCompleted; n++)
        {
            await scene.Engine.WriteAsync($"begin; select replication.drain(); update odd set text = 'text {n}' where id = 4; commit");
        }

        (await comparing).Found.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_waits_for_delivery_for_a_moment_only_is_no_difference()
    {
        await using var scene = await ComparedScene.CreateAsync("text text");
        await scene.Engine.WriteAsync("insert into odd select n, 'row' from generate_series(1, 30) n");
        await scene.Engine.OwnerAsync("select replication.set_mode('queued', 'Ada')");
        await scene.Engine.WriteAsync("update odd set text = 'soon' where id in (4, 25)");

        var comparing = scene.CompareAsync();
        await scene.Engine.DrainAsync();
        var (found, _) = await comparing;

        found.ShouldBeEmpty();
    }
}
