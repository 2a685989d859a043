using Bunit;
using Portal.Data.Replication;
using Portal.Web.Replication;
using TestContext = Xunit.TestContext;

namespace Portal.Tests.Replication;

public sealed class HistoryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_sample_is_taken_in_15_seconds_however_many_portals_look()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => scene.History.TakeAsync(TimeSpan.FromMilliseconds(2), null, null, Cancel)));

        // Two, if the quarter of a minute ended meanwhile.
        (await scene.NewAsync<long>("select count(*) from replication.sample where span_seconds = 15")).ShouldBeInRange(1, 2);
        (await scene.NewAsync<bool>("select sum(samples) filter (where span_seconds = 15) = sum(samples) filter (where span_seconds = 3600) from replication.sample")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_sample_says_how_things_are_and_coarser_ones_keep_the_worst()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("""
            select replication.set_mode('queued', 'test');
            update timesheet_new set status = 'draft' where id in (1, 2);
            select replication.set_aside('timesheet_old', '[{"key": 7, "code": "23514", "message": "x"}]');
            select replication.not_written('08001', 'gone');
            insert into replication.sample (span_seconds, at, outbox_keys, outbox_seconds, set_aside, breaker_open, differences, latency_ms)
            select span, date_bin(make_interval(secs => span), now(), 'epoch'), 90, 0, 0, false, 5, 10 from unnest(array[300, 3600]) span
            """);

        await scene.History.TakeAsync(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(4), null, Cancel);

        var newest = (await Read(scene, HistorySpan.Hour)).Newest.ShouldNotBeNull();
        (newest.OutboxKeys, newest.SetAside, newest.BreakerOpen, newest.LatencyMs, newest.VisibleMs).ShouldBe((2, 1, true, 20, 4));
        newest.OutboxSeconds.ShouldBeGreaterThan(0);
        (await scene.NewAsync<string>("""
            select concat_ws(' ', outbox_keys, set_aside, breaker_open, differences, latency_ms, samples)
              from replication.sample where span_seconds = 3600 order by at desc limit 1
            """)).ShouldBe("90 1 t 5 15 2");
    }

    [Fact]
    public async Task Rates_come_from_what_the_server_has_counted_since_the_last_sample()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("update worker set name = name || '!'; select pg_stat_force_next_flush()");
        await scene.NewAsync("select pg_stat_force_next_flush()");
        await scene.NewAsync("insert into replication.sample_counter (at, changes, deliveries) values (clock_timestamp() - interval '10 seconds', 0, 0)");

        await scene.History.TakeAsync(null, null, 50, Cancel);

        var newest = (await Read(scene, HistorySpan.Hour)).Newest.ShouldNotBeNull();
        newest.Changes.ShouldNotBeNull().ShouldBeGreaterThan(0);
        newest.Deliveries.ShouldNotBeNull().ShouldBeInRange(2, 5);
        newest.LatencyMs.ShouldBeNull();
    }

    [Fact]
    public async Task What_is_old_is_kept_coarsely_and_then_forgotten()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("""
            insert into replication.sample (span_seconds, at, outbox_keys, outbox_seconds, set_aside, breaker_open, differences)
            select s.span, now() - a.age, 0, 0, 0, false, 0
              from unnest(array[15, 300, 3600]) s (span), unnest(array['1 hour', '3 hours', '3 days', '400 days']::interval[]) a (age)
            """);

        await scene.History.TakeAsync(null, null, null, Cancel);

        (await scene.NewAsync<string>("""
            select string_agg(span_seconds || ': ' || n, ', ' order by span_seconds)
              from (select span_seconds, count(*) as n from replication.sample where at < date_bin('1 hour', now(), 'epoch') group by span_seconds) c
            """)).ShouldBe("15: 1, 300: 2, 3600: 3");
    }

    [Fact]
    public async Task The_figures_are_evenly_spaced_with_gaps_where_nobody_looked()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("""
            insert into replication.sample (span_seconds, at, outbox_keys, outbox_seconds, set_aside, breaker_open, differences)
            select 300, date_bin('5 minutes', now(), 'epoch') - n * interval '5 minutes', n, 0, 0, false, 0 from unnest(array[1, 2, 10]) n
            """);

        var day = await Read(scene, HistorySpan.Day);

        day.Samples.Count.ShouldBe(288);
        day.Samples.Where(s => s is not null).Select(s => s?.OutboxKeys).ShouldBe([10L, 2, 1]);
        day.Samples.Reverse().TakeWhile(s => s is null || s.OutboxKeys <= 2).Count(s => s is not null).ShouldBe(2);
    }

    [Fact]
    public async Task How_soon_a_change_is_visible_is_measured_by_one_that_leaves_no_trace()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        (await scene.Get<DeliveryProbe>().MeasureAsync(Cancel)).ShouldNotBeNull().ShouldBeLessThan(TimeSpan.FromSeconds(3));

        (await scene.NewAsync<long>("select count(*) from replication.outbox")).ShouldBe(0);
        (await scene.OldAsync<long>("select count(*) from timesheet_old")).ShouldBe(12);
    }

    [Theory]
    [InlineData("select replication.set_mode('paused', 'test')", 0)]
    [InlineData("select replication.not_written('08001', 'gone')", 0)]
    [InlineData("select replication.set_authority('old', 'test', 'test')", 0)]
    [InlineData("select replication.set_mode('queued', 'test'); update timesheet_new set status = 'draft' where id = 1", 1)]
    public async Task Nothing_is_sent_to_measure_it_where_changes_are_not_delivered(string state, long waiting)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync(state);

        (await scene.Get<DeliveryProbe>().MeasureAsync(Cancel)).ShouldBeNull();

        (await scene.NewAsync<long>("select count(*) from replication.outbox")).ShouldBe(waiting);
    }

    [Fact]
    public async Task Only_an_admin_reads_the_figures()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        (await scene.History.Read(ReplicationScene.Worker, HistorySpan.Hour, Cancel)).Trouble.ShouldBe(Trouble.NotAllowed);
    }

    [Fact]
    public async Task The_overview_draws_the_last_hour_or_day_and_says_it_in_words()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await pages.Scene.NewAsync("""
            insert into replication.sample (span_seconds, at, outbox_keys, outbox_seconds, set_aside, breaker_open, differences, changes)
            select 15, date_bin('15 seconds', now(), 'epoch') - n * interval '15 seconds', n * 10, 0, 0, false, 0, 2.5 from generate_series(1, 20) n
             where n <> 7
            """);

        var page = pages.Open<Overview>("replication");
        await page.WaitForAssertionAsync(() => page.Find("svg[aria-label='Changes waiting, last hour, at most 200']").QuerySelectorAll("path.line").Length.ShouldBe(2));
        page.FindAll("svg[aria-label^='Rows changed each second, last hour, at most 2.5']").ShouldHaveSingleItem();

        pages.Navigation.NavigateTo("replication?charts=day");
        await page.WaitForAssertionAsync(() => page.FindAll("svg[aria-label='Changes waiting, last day: no figures yet']").ShouldHaveSingleItem());
    }

    private static async Task<HistoryReport> Read(ReplicationScene scene, HistorySpan span) =>
        (await scene.History.Read(ReplicationScene.Admin, span, Cancel)).Value.ShouldNotBeNull();
}
