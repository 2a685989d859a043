using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Web.Accounts;
using Portal.Web.Replication;

namespace Portal.Tests.Replication;

public sealed class LiveReportPageTests
{
    [Fact]
    public async Task A_page_that_is_left_while_it_reads_ends_quietly()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var page = pages.Open<SlowPage>().Instance;
        await page.Asked.Task;

        await pages.CloseAsync();
        page.Answer.SetResult();

        await page.Watching.ShouldNotThrowAsync();
    }

    /// <summary>Answers when it is told to.</summary>
    private sealed class SlowPage(CurrentCaller caller, TimeProvider time) : LiveReportPage<string>(caller, time)
    {
        public TaskCompletionSource Asked { get; } = new();

        public TaskCompletionSource Answer { get; } = new();

        public Task Watching { get; private set; } = Task.CompletedTask;

        protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

        protected override async Task<Answer<string>> Ask(Caller? by, CancellationToken cancel)
        {
            Asked.SetResult();
            await Answer.Task;
            return "read";
        }

        protected override Task OnAfterRenderAsync(bool firstRender)
        {
            var watching = base.OnAfterRenderAsync(firstRender);
            Watching = firstRender ? watching : Watching;
            return watching;
        }
    }
}
