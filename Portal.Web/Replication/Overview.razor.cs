using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using NodaTime;
using NodaTime.Extensions;
using NodaTime.Text;
using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Data.Replication.Alarms;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>Whether the old database is true right now, in one sentence and one colour.</summary>
public sealed partial class Overview(
    ReplicationStatus status, ReplicationSwitch control, TriggerSwitch triggers, History figures, AlarmBook alarmBook, CurrentCaller caller,
    IDialogService dialogs, ISnackbar snackbar, NavigationManager navigation, TimeProvider time)
    : ReportPage<ReplicationReport>(caller)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private Freshness freshness;
    private bool automatic = true;
    private bool switching;
    private HistoryReport? history;
    private IReadOnlyList<Alarm> alarms = [];

    [SupplyParameterFromQuery(Name = "charts")]
    private string? Charts { get; set; }

    private HistorySpan Span => Charts == "day" ? HistorySpan.Day : HistorySpan.Hour;

    private string OtherSpan => navigation.GetUriWithQueryParameter("charts", Span == HistorySpan.Hour ? "day" : null);

    // The first look comes after the page is drawn; this is for a change of the address.
    protected override Task OnParametersSetAsync() => history is null || history.Span == Span ? Task.CompletedTask : ReadHistory();

    protected override Task OnAfterRenderAsync(bool firstRender) =>
        firstRender ? Repeat(Interval, time, () => automatic && !Busy ? Look() : Task.CompletedTask) : Task.CompletedTask;

    private async Task Look()
    {
        if (Report is null && Trouble is null)
        {
            // All but the rows at once: comparing many takes seconds.
            await Read(Freshness.Known);
        }

        await Read(Freshness.WhenDue);
    }

    protected override Task<Answer<ReplicationReport>> Ask(Caller? by, CancellationToken cancel) =>
        status.Read(by, freshness, cancel);

    private async Task Read(Freshness wanted)
    {
        freshness = wanted;
        await Task.WhenAll(Load(), ReadHistory());
    }

    private async Task ReadHistory()
    {
        history = (await AskAsCaller(by => figures.Read(by, Span))).Value ?? history;
        alarms = (await AskAsCaller(by => alarmBook.List(by, onlyOpen: true))).Value?.Alarms ?? alarms;
        if (!IsDisposed)
        {
            StateHasChanged();
        }
    }

    private async Task Switch(ReplicationMode mode)
    {
        switching = true;
        // As it is asked about: while the question is open, the page goes on reading.
        var seen = Report?.Outbox.Mode;
        try
        {
            var (question, consequence, yes) = ReplicationWords.Switching(mode);
            if (await dialogs.ShowMessageBoxAsync(question, consequence, yesText: yes, cancelText: "Cancel") is not true)
            {
                return;
            }

            var answer = await AskAsCaller(by => control.SetMode(by, mode, seen));
            snackbar.Add(
                answer.Trouble is { } trouble ? ReplicationWords.Failed(trouble) : $"Done: {ReplicationWords.Meaning(mode)}.",
                answer.Trouble is null ? Severity.Success : Severity.Error);
        }
        finally
        {
            switching = false;
        }

        await Read(Freshness.WhenDue);
    }

    private async Task Reinstall()
    {
        ReplicationTrigger[] which = [.. Report?.Triggers.ToReinstall ?? []];
        var (question, consequence) = TriggerWords.Reinstalling(which);
        if (await ReasonDialog.Ask(dialogs, new ReasonQuestion(question, consequence, TriggerWords.Name(TriggerChange.Reinstall),
                async reason => (await AskAsCaller(by => triggers.Change(by, which, TriggerChange.Reinstall, reason))).Trouble)))
        {
            snackbar.Add("Done. It stands in the audit log.", Severity.Success);
        }

        await Read(Freshness.WhenDue);
    }

    private Instant Now => time.GetUtcNow().ToInstant();

    private static string BreakerNote(OutboxState outbox) => outbox.BreakerOpen
        ? $"since {ReplicationWords.At(outbox.BreakerSince)}; nobody waits for the old database"
        : $"since {ReplicationWords.At(outbox.BreakerSince)}";

    private string VerifiedNote(OutboxState outbox) => outbox switch
    {
        { VerifiedAt: not { } } => "the rows have not been gone through one by one",
        { VerifiedAt: { } at, VerifiedDifferences: > 0 } => $"all rows gone through {ReplicationWords.Ago(at, Now)}; written anew, but for what others wrote",
        { VerifiedAt: { } at } => $"all rows gone through {ReplicationWords.Ago(at, Now)}",
    };

    private string ComparedNote(ReplicationReport current) => current.Newest is { } newest
        ? $" Rows compared {ReplicationWords.Ago(newest.At, Now)}."
        : "";

    private static string Milliseconds(double value) => ReplicationWords.Milliseconds(TimeSpan.FromMilliseconds(value));

    private static string Seconds(double value) => ReplicationWords.Long(Duration.FromSeconds(value));

    private static string Rate(double value) => value.ToString(value < 10 ? "0.#" : "N0", CultureInfo.GetCultureInfo("en-GB"));

    private static string PerSecond(double? rate) => rate is { } known ? $"{Rate(known)} a second" : "Not known";

    private static string At(Instant instant) => InstantPattern.CreateWithInvariantCulture("HH:mm:ss").Format(instant);
}
