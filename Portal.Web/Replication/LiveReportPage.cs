using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>A <see cref="ReportPage{T}"/> that asks again by itself as long as somebody looks at it.</summary>
public abstract class LiveReportPage<T>(CurrentCaller caller, TimeProvider time) : ReportPage<T>(caller)
    where T : class
{
    protected abstract TimeSpan Interval { get; }

    protected override bool KeepsLast => true;

    protected override Task OnAfterRenderAsync(bool firstRender) =>
        firstRender ? Repeat(Interval, time, () => Busy ? Task.CompletedTask : Load()) : Task.CompletedTask;
}
