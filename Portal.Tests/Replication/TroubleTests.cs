using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Portal.Data.Databases;
using Portal.Data.Replication;
using Portal.Web.Replication;

namespace Portal.Tests.Replication;

/// <summary>What is said of a change that the new database has not answered.</summary>
public sealed class TroubleTests
{
    [Theory]
    [InlineData(true, "It may have been done all the same")]
    [InlineData(false, "Nothing was changed.")]
    public async Task Only_what_surely_was_not_done_is_called_so(bool isUnderWay, string said)
    {
        await using var scene = await EngineScene.CreateAsync();
        using var link = new OldServerLink(scene.Databases.Settings.Portal.New);
        var throughLink = new NpgsqlConnectionStringBuilder(scene.Databases.Settings.Portal.New) { Host = "127.0.0.1", Port = link.Port };
        await using var database = DatabaseServices.DataSource(throughLink.ConnectionString);
        await using var other = await scene.SessionAsync();
        await other.Do("begin; select from replication.control for update");
        if (!isUnderWay)
        {
            link.Stop();
        }

        var change = new ReplicationSwitch(new ReplicationOutbox(database), NullLogger<ReplicationSwitch>.Instance)
            .SetMode(ReplicationScene.Admin, ReplicationMode.Queued, cancel: TestContext.Current.CancellationToken);
        if (isUnderWay)
        {
            while (!await scene.AskAsync<bool>("select exists (select from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0)"))
            {
                change.IsCompleted.ShouldBeFalse();
            }

            link.Stop();
        }

        var trouble = (await change).Trouble.ShouldNotBeNull();
        ReplicationWords.Failed(trouble).ShouldStartWith(said);
        trouble.Done.ShouldBeNull();
    }
}
