using System.Globalization;
using Npgsql;

namespace Portal.Data.Replication.Comparing;

/// <summary>An old table and the view that shows what it should hold, as they are compared.</summary>
/// <param name="Mapping">Name in <c>replication.mapping</c>.</param>
/// <param name="OldTable">The table in the old database.</param>
/// <param name="Columns">The columns that both have.</param>
internal sealed record ComparedTable(string Mapping, string OldTable, IReadOnlyList<ComparedColumn> Columns, ComparedSide New, ComparedSide Old)
{
    /// <summary>The mapping of this portal's own old table.</summary>
    public const string Timesheets = "timesheet_old";

    private const string Mappings = "select view_name, old_table, key_column::text from replication.mapping where name = $1";

    private const string ComparedColumns = "select name, is_number, hashed from replication.compared_columns($1)";

    /// <exception cref="PostgresException">There is no such mapping, or the replication is not set up.</exception>
    public static async Task<ComparedTable> Read(
        string mapping, NpgsqlDataSource newDatabase, NpgsqlDataSource oldDatabase, CancellationToken cancel)
    {
        await using var about = newDatabase.CreateCommand(Mappings);
        about.Parameters.Add(new() { Value = mapping });
        var (view, table, key) = (await about.Rows(r => (r.GetString(0), r.GetString(1), r.GetString(2)), cancel)).Single();

        await using var columns = newDatabase.CreateCommand(ComparedColumns);
        columns.Parameters.Add(new() { Value = mapping });
        var compared = await columns.Rows(r => (Column: new ComparedColumn(r.GetString(0), r.GetBoolean(1)), Hashed: r.GetString(2)), cancel);

        string[] hashed = [.. compared.Select(c => c.Hashed)];
        return new(
            mapping,
            table,
            [.. compared.Select(c => c.Column)],
            new(newDatabase, view, key, hashed, isOld: false),
            new(oldDatabase, table, key, hashed, isOld: true));
    }
}

/// <summary>Keys from one, inclusive, to another, exclusive; null is no bound.</summary>
internal readonly record struct KeyRange(long? From, long? To)
{
    /// <summary>A condition on column <c>t.key</c>.</summary>
    public string Condition(string key) => string.Join(" and ",
        new[]
        {
            From is { } from ? string.Create(CultureInfo.InvariantCulture, $"t.{key} >= {from}") : null,
            To is { } to ? string.Create(CultureInfo.InvariantCulture, $"t.{key} < {to}") : null,
        }.Where(c => c is not null).DefaultIfEmpty("true"));
}

/// <summary>What a chunk of rows is recognised by.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Sum">The sum of their hashes.</param>
internal readonly record struct ChunkHash(long Rows, string Sum)
{
    public static readonly ChunkHash None = new(0, "");
}
