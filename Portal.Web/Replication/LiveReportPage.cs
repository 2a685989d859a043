using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>A <see cref="ReportPage{T}"/> that asks again by itself as long as somebody looks at it.</summary>
public abstract class LiveReportPage<T>(CurrentCaller caller, TimeProvider time) : ReportPage<T>(caller)
    where T : class
{
    private readonly CancellationTokenSource closed = new();

    protected abstract TimeSpan Interval { get; }

    // Not in OnInitialized: that one also runs where nobody is connected, and would go on for nobody.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            // Read to the end before the next tick is awaited, so that reads never overlap.
            do
            {
                if (!Busy)
                {
                    await Load();
                }
            }
            while (await timer.WaitForNextTickAsync(closed.Token));
        }
        catch (OperationCanceledException) when (IsDisposed)
        {
            // The page was left.
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!closed.IsCancellationRequested)
        {
            closed.Cancel();
            closed.Dispose();
        }
    }
}
