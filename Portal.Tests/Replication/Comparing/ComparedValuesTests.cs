using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;
using Portal.Tests.Support;

namespace Portal.Tests.Replication.Comparing;

/// <summary>Which values are equal, and which are not.</summary>
[EveryPostgres]
public sealed class ComparedValuesTests
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
}
