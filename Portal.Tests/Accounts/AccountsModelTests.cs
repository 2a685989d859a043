using Microsoft.EntityFrameworkCore;

namespace Portal.Tests.Accounts;

public sealed class AccountsModelTests(AccountScene scene) : IClassFixture<AccountScene>
{
    [Fact]
    public async Task The_tables_are_what_Identity_expects()
    {
        await using var context = scene.CreateDbContext();
        var expected = context.Model.GetRelationalModel().Tables
            .SelectMany(table => table.Columns.Select(column =>
                $"{table.Schema}.{table.Name}.{column.Name} {column.StoreType}{(column.IsNullable ? "" : " not null")}"))
            .Order(StringComparer.Ordinal);

        (await ColumnsAsync()).ShouldBe(expected);
    }

    [Fact]
    public async Task Everything_in_the_schema_is_described()
    {
        var undescribed = await ListAsync("""
            select c.relname || coalesce('.' || a.attname, '')
              from pg_class c
              left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
             where c.relnamespace = 'identity'::regnamespace
               and c.relkind = 'r'
               and (obj_description(c.oid) is null or col_description(c.oid, a.attnum) is null)
            """);

        undescribed.ShouldBeEmpty();
    }

    private Task<List<string>> ColumnsAsync() => ListAsync("""
        select format('%s.%s.%s %s%s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                      case when a.attnotnull then ' not null' else '' end) collate "C"
          from pg_attribute a
          join pg_class c on c.oid = a.attrelid
          join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'identity' and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
         order by 1
        """);

    private async Task<List<string>> ListAsync(string sql)
    {
        await using var command = scene.Databases.SuperuserOfNew.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return lines;
    }
}
