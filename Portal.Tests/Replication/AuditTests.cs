using Bunit;
using NodaTime;
using Portal.Data.Replication;
using Portal.Web.Replication;
using TestContext = Xunit.TestContext;

namespace Portal.Tests.Replication;

public sealed class AuditTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "–")]
    [InlineData("paused", "paused")]
    [InlineData("taken 2026-11-26T03:24:00.17+00:00, by Ada", "taken 26 Nov 2026 03:24:00 UTC, by Ada")]
    [InlineData("2026-11-26T03:24:00+05:30", "25 Nov 2026 21:54:00 UTC")]
    [InlineData("2026-13-99T03:24:00+00:00", "2026-13-99T03:24:00+00:00")]
    public void What_was_noted_is_said_with_times_as_elsewhere(string? noted, string said) => AuditWords.Value(noted).ShouldBe(said);

    [Theory]
    [InlineData("ada", null, null, 2)]
    [InlineData(null, "mode", null, 2)]
    [InlineData(null, null, "CLEAN", 1)]
    [InlineData(null, null, "public.worker", 1)]
    [InlineData("Ada", "mode", null, 1)]
    [InlineData("nobody", null, null, 0)]
    [InlineData("%", null, null, 0)]
    [InlineData(" ", "", null, 3)]
    public async Task Entries_are_narrowed_by_who_what_and_why(string? account, string? action, string? text, int count)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await Fill(scene);

        (await List(scene, new AuditFilter(account, action, text))).Entries.Count.ShouldBe(count);
    }

    [Fact]
    public async Task Entries_are_narrowed_by_day_both_ends_included()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("""
            insert into replication.audit (at, account, action)
            select timestamptz '2026-03-01 00:00+00' + n * interval '12 hours', 'Ada', 'mode' from generate_series(0, 9) n
            """);

        (await List(scene, new AuditFilter(From: new LocalDate(2026, 3, 2), To: new LocalDate(2026, 3, 3)))).Entries.Count.ShouldBe(4);
    }

    [Theory]
    [InlineData("to=9999-12-31", 3)]
    [InlineData("to=-9998-01-01", 0)]
    public async Task Days_beyond_what_the_database_knows_are_days_like_others(string address, int count)
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await Fill(pages.Scene);

        var page = pages.Open<Audit>($"replication/audit?{address}");

        await page.WaitForAssertionAsync(() => page.FindAll("li .head").Count.ShouldBe(count));
        await page.WaitForAssertionAsync(() => page.Markup.ShouldContain(count == 0 ? "No entry fits" : "Mode"));
    }

    [Fact]
    public async Task Values_that_belong_to_columns_are_named_by_them()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("""
            insert into replication.audit (account, action, after)
            values ('Ada', 'quarantine', '{"rows": 20, "edited": {"break_minutes": "30", "worker_id": null}}')
            """);

        (await List(scene, new AuditFilter(Account: "Ada"))).Entries.Single().Changes.Select(c => $"{c.Name}: {c.After}")
            .ShouldBe(["rows: 20", "edited: worker_id none, break_minutes 30"], ignoreOrder: true);
    }

    [Fact]
    public async Task Entries_are_paged_newest_first_without_a_gap()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("insert into replication.audit (account, action) select 'a' || n, 'mode' from generate_series(1, 60) n");

        var seen = new List<string>();
        for (var page = await List(scene, new()); ; page = await List(scene, new(), page.Entries[^1].Id))
        {
            seen.AddRange(page.Entries.Select(e => e.Account));
            if (!page.HasMore)
            {
                break;
            }
        }

        seen.ShouldBe(Enumerable.Range(1, 60).Reverse().Select(n => $"a{n}"));
    }

    [Fact]
    public async Task The_page_shows_who_what_why_and_what_changed()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        await Fill(pages.Scene);

        var page = pages.Open<Audit>("replication/audit?who=ada");

        await page.WaitForAssertionAsync(() => page.FindAll("li").Count.ShouldBe(2));
        page.Find("li").TextContent.ShouldContain("Trigger disabled");
        page.Find("li").TextContent.ShouldContain("clean up names");
        page.FindAll("li")[1].TextContent.ShouldContain("synchronous → queued");
    }

    [Fact]
    public async Task Only_an_admin_reads_it()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        (await scene.Audit.List(ReplicationScene.Worker, new(), cancel: Cancel)).Trouble.ShouldBe(Trouble.NotAllowed);
    }

    private static Task Fill(ReplicationScene scene) => scene.NewAsync("""
        select replication.set_mode('queued', 'Ada Admin');
        select replication.set_mode('paused', 'Bob');
        select replication.change_trigger('public.worker', 'capture_update_timesheet_old', 'disable', 'Ada Admin', 'clean up names');
        """);

    private static async Task<AuditPage> List(ReplicationScene scene, AuditFilter filter, long? before = null) =>
        (await scene.Audit.List(ReplicationScene.Admin, filter, before, Cancel)).Value.ShouldNotBeNull();
}
