using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;

namespace Portal.Tests.Replication.Comparing;

public sealed class ChunkComparisonTests
{
    // Columns of every kind, some of another type, scale or precision than in the new database.
    private const string OldColumns = """
        whole integer, wide bigint, exact numeric(10, 2), free numeric, approximate double precision, coarse real,
        moment timestamptz(3), local timestamp, day date, clock time(0), span interval, padded char(12), "Odd name" text,
        flag boolean, bytes bytea, tag uuid, document jsonb, list text[], mood mood, amounts numrange, fixed numeric(7, 2)
        """;

    private const string NewColumns = """
        whole bigint, wide integer, exact numeric, free numeric, approximate double precision, coarse real,
        moment timestamptz, local timestamp, day date, clock time, span interval, padded text, "Odd name" varchar(90),
        flag boolean, bytes bytea, tag uuid, document jsonb, list text[], mood mood, amounts numrange, fixed numeric(7, 2)
        """;

    private const string Types = "create type mood as enum ('low', 'high');";

    private const string NastyRows = """
        insert into odd
        select n, n, -n, n / 3.0, 1.50 * n, n / 7.0, n / 7.0, timestamptz '2026-10-25 00:30:00.123456+00' + n * interval '1 hour',
               timestamp '2026-03-29 01:30' + n * interval '1 microsecond', date '2026-01-01' + n, time '23:59:00' + n * interval '0.3 s',
               n * interval '1 day 2 hours', 'pad ' || n, 'Zürich 医院 🏥 O''Brien "x" \ ' || chr(776) || n || '  ', n % 2 = 0,
               decode('00ff0a', 'hex'), '6f0bc4f2-0000-4000-8000-000000000001', '{"b": 1.0, "a": [null, "é"]}', array['a,b', null, '"'], 'high', '[1.0,2.00)', n - 20.5
          from generate_series(1, 40) n;
        insert into odd (id) values (-9223372036854775808), (-1), (0), (9223372036854775807);
        insert into odd (id, free, approximate, coarse, moment, local, day, "Odd name", padded)
        values (100, 'NaN', 'NaN', 'NaN', 'infinity', 'infinity', 'infinity', '', ''),
               (101, 'Infinity', 'Infinity', '-Infinity', '-infinity', '-infinity', '-infinity', ' ', '  '),
               (102, '-Infinity', '-0', '-0', '0001-01-01 00:00+00 BC', '4713-01-01 BC', '4713-01-01 BC', E'a\tb\nc', 'x');
        """;

    [Fact]
    public async Task Equal_values_of_any_type_have_equal_hashes_on_both_sides()
    {
        await using var scene = await ComparedScene.CreateAsync(OldColumns, NewColumns, Types);
        await scene.Engine.WriteAsync(NastyRows);
        (await scene.Engine.AskOldAsync<long>("select count(*) from odd_old")).ShouldBe(47);

        var (found, steps) = await scene.CompareAsync();

        found.ShouldBeEmpty();
        steps.Sum(s => s.Compared).ShouldBe(47);
        steps.Sum(s => s.Opened).ShouldBe(0);
        steps.Length.ShouldBeGreaterThan(1);
    }

    [Theory]
    [InlineData("whole", "whole + 1")]
    [InlineData("wide", "-wide")]
    [InlineData("exact", "-exact")]
    [InlineData("exact", "exact + 0.01")]
    [InlineData("fixed", "-fixed")]
    [InlineData("fixed", "fixed + 0.01")]
    [InlineData("fixed", "'NaN'")]
    [InlineData("free", "-free")]
    [InlineData("free", "'NaN'")]
    [InlineData("approximate", "approximate + 1e-9")]
    [InlineData("coarse", "null")]
    [InlineData("moment", "moment + interval '1 ms'")]
    [InlineData("moment", "'infinity'")]
    [InlineData("local", "local - interval '1 microsecond'")]
    [InlineData("day", "day + 1")]
    [InlineData("clock", "clock + interval '1 s'")]
    [InlineData("span", "span + interval '1 microsecond'")]
    [InlineData("padded", "'pad'")]
    [InlineData("Odd name", "'Zürich'")]
    [InlineData("Odd name", "\"Odd name\" || ' '")]
    [InlineData("Odd name", "normalize(\"Odd name\", nfd) || chr(8203)")]
    [InlineData("flag", "not flag")]
    [InlineData("bytes", "'\\x'")]
    [InlineData("tag", "'6f0bc4f2-0000-4000-8000-000000000002'")]
    [InlineData("document", "'{\"b\": -1.0, \"a\": [null, \"é\"]}'")]
    [InlineData("list", "array['a', 'b', '\"']")]
    [InlineData("mood", "'low'")]
    [InlineData("amounts", "'[-1.0,2.00)'")]
    public async Task A_difference_of_any_type_is_found_and_its_cell_named(string column, string value)
    {
        await using var scene = await ComparedScene.CreateAsync(OldColumns, NewColumns, Types);
        await scene.Engine.WriteAsync(NastyRows);
        await scene.Engine.OldAsync($"""update odd_old set "{column}" = {value} where id = 33""");

        var difference = (await scene.CompareAsync()).Found.ShouldHaveSingleItem();

        (difference.Key, difference.Kind, difference.Cause).ShouldBe((33, Difference.Different, DifferenceCause.Unknown));
        var cell = difference.Cells.ShouldHaveSingleItem();
        cell.Column.ShouldBe(column);
        cell.New.ShouldNotBe(cell.Old);
    }

    [Fact]
    public async Task NaN_and_infinity_are_told_apart()
    {
        await using var scene = await ComparedScene.CreateAsync("free numeric, approximate double precision");
        await scene.Engine.WriteAsync("insert into odd values (1, 'NaN', 'NaN'), (2, 'Infinity', 'Infinity')");
        await scene.Engine.OldAsync("update odd_old set free = 'Infinity' where id = 1; update odd_old set free = '-Infinity', approximate = 'NaN' where id = 2");

        (await scene.CompareAsync()).Found.Select(d => (d.Key, string.Join(' ', d.Cells.Select(c => c.Column))))
            .ShouldBe([(1, "free"), (2, "free approximate")]);
    }

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
        await scene.Engine.WriteAsync($"""
            insert into odd select {(isDense ? "n - 700 + n / 7" : "n * n * case when n % 3 = 0 then -1 else 1 end")}, 'row ' || n from generate_series(1, 2000) n on conflict do nothing
            """);
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
            var (found, steps) = await scene.CompareAsync();

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
