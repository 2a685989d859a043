using Microsoft.AspNetCore.Components;
using NodaTime;
using NodaTime.Extensions;
using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>A page that shows one answer of a replication service and can ask for it again.</summary>
public abstract class ReportPage<T>(CurrentCaller caller) : ComponentBase, IDisposable
    where T : class
{
    private readonly CancellationTokenSource left = new();
    private CancellationTokenSource current = new();
    private Instant? readAt;

    [Inject]
    private TimeProvider Clock { get; set; } = null!;

    /// <summary>The newest answer; null before the first. After a failure the last one, if <see cref="KeepsLast"/>, else null.</summary>
    protected T? Report { get; private set; }

    /// <summary>Why there is no answer, or no newer one.</summary>
    protected Trouble? Trouble { get; private set; }

    /// <summary>When the report was read, if it could not be read again since; else null.</summary>
    protected Instant? StaleSince => Trouble is not null && Report is not null ? readAt : null;

    /// <summary>Whether the last answer is shown on after a failure, because something may be being typed beside it.</summary>
    protected virtual bool KeepsLast => false;

    /// <summary>Whether an answer is awaited.</summary>
    protected bool Busy { get; private set; }

    /// <summary>Whether the page was left.</summary>
    protected bool IsDisposed { get; private set; }

    /// <summary>Puts the question; what it takes from the page's state it reads before it awaits anything.</summary>
    protected abstract Task<Answer<T>> Ask(Caller? by, CancellationToken cancel);

    /// <summary>Asks, and shows the answer. A question that is still open is dropped: only the last one counts.</summary>
    protected async Task Load()
    {
        if (IsDisposed)
        {
            return;
        }

        current.Cancel();
        current.Dispose();
        current = new CancellationTokenSource();
        var cancel = current.Token;
        Busy = true;
        StateHasChanged();
        try
        {
            var answer = await AskAsCaller(by => Ask(by, cancel));
            if (!cancel.IsCancellationRequested)
            {
                Show(answer);
                StateHasChanged();
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Another question was put, or the page was left.
        }
    }

    private void Show(Answer<T> answer)
    {
        // Who may not see it any more does not go on seeing the last one.
        var isKept = KeepsLast && answer.Trouble is { Kind: not (TroubleKind.NotAllowed or TroubleKind.Retired) };
        (Report, Trouble, Busy) = (answer.Value ?? (isKept ? Report : null), answer.Trouble, false);
        readAt = answer.Value is null ? readAt : Clock.GetUtcNow().ToInstant();
    }

    /// <summary>
    /// Does something now and at each tick, until the page is left. Not for OnInitialized: that one also runs where nobody is connected, and
    /// would go on for nobody.
    /// </summary>
    protected async Task Repeat(TimeSpan interval, TimeProvider time, Func<Task> work)
    {
        // Asked for now, because a page may be left while the work is done, and then there is none to ask for.
        var untilLeft = left.Token;
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            // Done to the end before the next tick is awaited, so that it never overlaps.
            do
            {
                await work();
            }
            while (await timer.WaitForNextTickAsync(untilLeft));
        }
        catch (OperationCanceledException) when (IsDisposed)
        {
            // The page was left.
        }
    }

    /// <inheritdoc cref="CallerQuestions.AskAsync"/>
    protected Task<Answer<TAnswer>> AskAsCaller<TAnswer>(Func<Caller?, Task<Answer<TAnswer>>> ask)
        where TAnswer : class => caller.AskAsync(ask);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !IsDisposed)
        {
            IsDisposed = true;
            current.Cancel();
            current.Dispose();
            left.Cancel();
            left.Dispose();
        }
    }
}
