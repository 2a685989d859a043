using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication;

/// <summary>The <c>postgres_fdw</c> servers of the new database, from its catalogues.</summary>
public sealed class ForeignServers(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase,
    OldDatabaseProbe probe,
    OldSchema schema,
    ILogger<ForeignServers> log)
{
    /// <summary>The server that leads to the old database.</summary>
    public const string OldServer = "timesheet_old_server";

    private const string Servers = """
        select s.srvname, pg_get_userbyid(s.srvowner), o.option_name, o.option_value
          from pg_catalog.pg_foreign_server s
          join pg_catalog.pg_foreign_data_wrapper w on w.oid = s.srvfdw
          left join lateral pg_catalog.pg_options_to_table(s.srvoptions) o on o.option_name !~* 'password'
         where w.fdwname = 'postgres_fdw'
         order by s.srvname, array_position(array['host', 'port', 'dbname'], o.option_name), o.option_name
        """;

    private const string UserMappings = """
        select server_name, local_role, remote_user from replication.user_mappings()
        """;

    private const string Tables = """
        select s.srvname, c.relnamespace::regnamespace::text, c.relname, has_table_privilege(c.oid, 'select')
          from pg_catalog.pg_foreign_table f
          join pg_catalog.pg_foreign_server s on s.oid = f.ftserver
          join pg_catalog.pg_class c on c.oid = f.ftrelid
         order by s.srvname, 2, c.relname
        """;

    /// <summary>Every server with its options, user mappings and tables, each probed just now.</summary>
    public Task<Answer<ServerReport>> List(Caller? caller, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            var directly = probe.Directly();
            var servers = await Read(cancel);
            var probed = await Task.WhenAll(servers.Select(Probe));
            var reach = await directly;
            var old = reach.Reachable ? await schema.TryLookAsync(cancel) : null;
            return new ServerReport(probed, reach, old, await schema.ReadAsync(cancel));
        });

    /// <summary>Whether the old database can be read through its foreign server.</summary>
    internal async Task<Reach> ReachOld(CancellationToken cancel)
    {
        var old = (await Read(cancel)).FirstOrDefault(s => s.Name == OldServer);
        return old is null || (await Probe(old)).Reach is not { } reach ? NotSetUp() : reach;
    }

    private Reach NotSetUp() => new(probe.Now, null, null, new Trouble(
        TroubleKind.NewDatabase,
        "The new database has no connection to the old one.",
        "Run the command migrate, which sets it up."));

    private async Task<ForeignServer> Probe(ForeignServer server) =>
        server.Tables.FirstOrDefault(t => t.IsReadable) is { } table ? server with { Reach = await probe.Through(table) } : server;

    private async Task<ForeignServer[]> Read(CancellationToken cancel)
    {
        await using var connection = await newDatabase.OpenConnectionAsync(cancel);
        var options = await connection.Rows(Servers, r =>
            (Server: r.GetString(0), Owner: r.GetString(1), Name: r.TextOrNull(2), Value: r.TextOrNull(3)), cancel);
        var mappings = await connection.Rows(UserMappings, r =>
            (Server: r.GetString(0), Mapping: new UserMapping(r.GetString(1), r.TextOrNull(2))), cancel);
        var tables = await connection.Rows(Tables, r =>
            (Server: r.GetString(0), Table: new ForeignTable(r.GetString(1), r.GetString(2), r.GetBoolean(3))), cancel);

        return [.. options.GroupBy(o => (o.Server, o.Owner)).Select(server => new ForeignServer(
            server.Key.Server,
            server.Key.Owner,
            [.. server.Where(o => o.Name is not null).Select(o => new ServerOption(o.Name ?? "", o.Value ?? ""))],
            [.. mappings.Where(m => m.Server == server.Key.Server).Select(m => m.Mapping)],
            [.. tables.Where(t => t.Server == server.Key.Server).Select(t => t.Table)],
            null))];
    }
}
