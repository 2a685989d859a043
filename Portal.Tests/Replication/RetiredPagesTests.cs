using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Data.Replication.Backfill;
using Portal.Data.Replication.Comparing;
using Portal.Web.Replication;
using BackfillPage = Portal.Web.Replication.Backfill;
using PlanPage = Portal.Web.Replication.Planning.Plan;
using TestContext = Xunit.TestContext;

namespace Portal.Tests.Replication;

/// <summary>The pages once the old database is retired, and its server gone.</summary>
public sealed class RetiredPagesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_says_how_it_is_and_none_fails()
    {
        await using var pages = await RetiredAsync();

        await SaysAsync<Overview>(pages, "replication", "Retired on ");
        await SaysAsync<PlanPage>(pages, "replication/plan", "None is there.");
        await SaysAsync<Servers>(pages, "replication/servers", "retired");
        await SaysAsync<Triggers>(pages, "replication/triggers", "None is needed: the old database is retired");
        await SaysAsync<Comparisons>(pages, "replication/comparison", "The old database was retired");
        await SaysAsync<BackfillPage>(pages, "replication/backfill", "The old database was retired");
        await SaysAsync<Rows>(pages, "replication/rows", "The old database was retired");
        await SaysAsync<Audit>(pages, "replication/audit", "timesheet_old_server");
    }

    [Fact]
    public async Task What_was_under_way_has_ended_and_nothing_is_begun_there_any_more()
    {
        await using var pages = await RetiredAsync();
        var scene = pages.Scene;

        (await scene.NewAsync<string>("""
            select concat_ws(' ', (select string_agg(state, ',') from replication.comparison), (select bool_or(enabled) from replication.comparison_schedule),
                             (select string_agg(state, ',') from replication.repair), (select string_agg(state, ',') from replication.backfill))
            """)).ShouldBe("stopped f stopped stopped");
        (await scene.Get<ComparisonRuns>().Start(ReplicationScene.Admin, ComparisonLoad.Full, Cancel)).Trouble.ShouldNotBeNull().Summary.ShouldStartWith("The old database was retired");
        (await scene.Get<ComparisonSchedules>().Set(ReplicationScene.Admin, "0 3 * * *", true, 0.5, null, Cancel)).Trouble.ShouldNotBeNull().Summary.ShouldStartWith("The old database was retired");
        (await scene.Get<BackfillService>().Run(ReplicationScene.Admin, true, null, Cancel)).Trouble.ShouldNotBeNull().Summary.ShouldStartWith("The old database was retired");
    }

    private static async Task SaysAsync<TPage>(ReplicationPages pages, string address, string what)
        where TPage : IComponent
    {
        var page = pages.Open<TPage>(address);
        await page.WaitForAssertionAsync(() => page.Markup.ShouldContain(what));
        page.FindAll("[role=alert]").ShouldBeEmpty();
        await pages.CloseAsync();
    }

    private static async Task<ReplicationPages> RetiredAsync()
    {
        var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("""
            select replication.start_comparison('timesheet_old', 'test', 'asked', 1, 60000);
            select replication.schedule_comparison('timesheet_old', '* * * * *', true, 1, 'test', null);
            select replication.start_repair('timesheet_old', null, '{1}', 'test', 'test', false);
            select replication.run_backfill('running', null, 'test');
            select replication.take_step(s, 'Before', 'test', '[]')
              from unnest(array['prepare', 'backfill', 'move_writers', 'move_readers', 'freeze', 'retire']) s;
            select replication.retire('timesheet_old_server', 'Before');
            """);
        pages.Scene.Link.Stop();
        return pages;
    }
}
