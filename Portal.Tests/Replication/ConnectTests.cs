using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>How the new server's sessions in the old one are set up.</summary>
[EveryPostgres]
public sealed class ConnectTests
{
    [Theory]
    [InlineData("lock_timeout", "500ms")]
    [InlineData("statement_timeout", "10s")]
    // Of a new server that is gone without a word, the old one would keep the row locks for two hours.
    [InlineData("tcp_keepalives_idle", "5")]
    [InlineData("tcp_keepalives_interval", "2")]
    [InlineData("tcp_keepalives_count", "3")]
    [InlineData("tcp_user_timeout", "10000")]
    public async Task No_session_in_the_old_server_waits_for_long(string setting, string value)
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OldAsync($"""
            create view as_seen as select current_setting('{setting}') as value;
            grant select on as_seen to public;
            """);
        await scene.OwnerAsync("import foreign schema public limit to (as_seen) from server timesheet_old_server into timesheet_old_schema");

        (await scene.AskAsync<string>("select value from timesheet_old_schema.as_seen")).ShouldBe(value);
    }
}
