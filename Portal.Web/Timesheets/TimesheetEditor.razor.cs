using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using NodaTime;
using Portal.Data.Databases;
using Portal.Data.Timesheets;
using Portal.Web.Accounts;
using Portal.Web.Shell;

namespace Portal.Web.Timesheets;

/// <summary>Changes and submits one timesheet, and keeps what is typed until it is saved.</summary>
public partial class TimesheetEditor(TimesheetService service, CurrentCaller currentCaller, DraftKeeper drafts, TimeProvider time)
{
    private ClaimInput input = new();
    private ClaimReading reading = new();
    private IReadOnlyList<ClaimProblem> refused = [];
    private ClaimForm? form;
    private TimesheetDetail? latest;
    private TimesheetDetail? conflict;
    private Claim? confirming;
    private long seenEntryId;
    private bool attempted;
    private bool busy;
    private string? notice;
    private Severity noticeSeverity;

    /// <summary>The timesheet to begin with; a draft or rejected.</summary>
    [Parameter, EditorRequired]
    public required TimesheetDetail Timesheet { get; set; }

    /// <summary>The timesheet is now like this, with what to tell the worker if it can no longer be edited.</summary>
    [Parameter, EditorRequired]
    public EventCallback<TimesheetOutcome> Changed { get; set; }

    /// <summary>The timesheet does not exist any more, or is not the caller's.</summary>
    [Parameter]
    public EventCallback Gone { get; set; }

    private TimesheetDetail Current => latest ?? Timesheet;

    private string Key => $"timesheet-{Current.Id}";

    private IReadOnlyList<ClaimProblem> Problems => refused.Count > 0 ? refused : reading.Problems;

    private long? Other => refused.FirstOrDefault(p => p.OtherTimesheetId is not null)?.OtherTimesheetId;

    private bool HasEnded => reading.Claim is not { } claim || claim.End <= Instant.FromDateTimeOffset(time.GetUtcNow());

    protected override async Task OnInitializedAsync()
    {
        (input, seenEntryId) = (ClaimInput.Of(Current), Current.LastEntryId);
        Read();
        if (await drafts.TakeAsync(Key) is { } kept
            && JsonSerializer.Deserialize<KeptInput>(kept) is { } before
            && before.Input.ToEntry() != input.ToEntry())
        {
            (input, seenEntryId) = (before.Input, before.SeenEntryId);
            conflict = before.Version == Current.Version ? null : Current;
            Tell("We kept what you typed here before. It is not saved yet.", Severity.Info);
            await ChangedAsync();
        }
    }

    private void Read() =>
        reading = ClaimReading.Read(input.ToEntry(), Current.Clock, Current.Planned, reasonRequired: attempted);

    private async Task ChangedAsync()
    {
        refused = [];
        Read();
        await KeepAsync();
    }

    private Task KeepAsync() =>
        drafts.SaveAsync(Key, JsonSerializer.Serialize(new KeptInput(conflict is null ? Current.Version : 0, seenEntryId, input)));

    private async Task AskToSubmitAsync()
    {
        attempted = true;
        Read();
        notice = null;
        if (Problems.Count > 0)
        {
            await (form?.FocusProblemAsync() ?? Task.CompletedTask);
            return;
        }

        confirming = reading.Claim;
    }

    private Task SubmitAsync() => SendAsync(submit: true);

    private Task SaveAsync() => SendAsync(submit: false);

    private async Task SendAsync(bool submit)
    {
        // The browser may send a second click before it has learnt that the button is off.
        if (busy || conflict is not null || (submit && confirming is null))
        {
            return;
        }

        (busy, notice) = (true, null);
        try
        {
            if (await currentCaller.GetAsync() is not { } caller)
            {
                await KeepAsync();
                currentCaller.SignInAgain();
                return;
            }

            var entry = input.ToEntry();
            await ShowAsync(submit
                ? await service.SubmitAsync(caller, Current.Id, Current.Version, entry)
                : await service.SaveDraftAsync(caller, Current.Id, Current.Version, entry));
        }
        catch (Exception e) when (DatabaseTrouble.Is(e))
        {
            Tell(DatabaseTrouble.NotSaved, Severity.Error);
        }
        finally
        {
            (busy, confirming) = (false, null);
        }
    }

    private async Task ShowAsync(TimesheetResult result)
    {
        switch (result)
        {
            case TimesheetResult.Saved { Now: { CanBeChanged: true } saved }:
                Tell($"Saved as a draft. {saved.HospitalName} sees it once you submit it.", Severity.Success);
                await TakeOverAsync(saved);
                break;
            case TimesheetResult.Saved(var sent):
                await FinishAsync(sent, $"Submitted. {sent.HospitalName} decides on it, and you find the answer here.", Severity.Success);
                break;
            case TimesheetResult.AlreadySubmitted(var sent):
                await FinishAsync(sent, "This timesheet had been submitted already, with these hours. Nothing more to do.", Severity.Info);
                break;
            case TimesheetResult.NotAllowedNow(var message, var locked):
                await FinishAsync(locked, message, Severity.Warning, reading.Claim == locked.Claimed ? null : reading.Claim);
                break;
            case TimesheetResult.Invalid(var problems):
                (refused, attempted) = (problems, true);
                await (form?.FocusProblemAsync() ?? Task.CompletedTask);
                break;
            case TimesheetResult.Conflict(var now):
                conflict = now;
                await KeepAsync();
                break;
            case TimesheetResult.Failed(var message):
                Tell(message, Severity.Error);
                break;
            default:
                await Gone.InvokeAsync();
                break;
        }
    }

    private async Task KeepMineAsync()
    {
        if (conflict is { } now)
        {
            (latest, conflict, seenEntryId) = (now, null, now.LastEntryId);
            Tell("What you typed is still here. Save or submit it to replace what is there now.", Severity.Info);
            await Changed.InvokeAsync(new TimesheetOutcome(now));
            await ChangedAsync();
        }
    }

    private async Task UseTheirsAsync()
    {
        if (conflict is { } now)
        {
            notice = null;
            await TakeOverAsync(now);
        }
    }

    /// <summary>From here on the form stands for this.</summary>
    private async Task TakeOverAsync(TimesheetDetail now)
    {
        await drafts.TakeAsync(Key);
        latest = now;
        (input, seenEntryId, conflict, refused, attempted) = (ClaimInput.Of(now), now.LastEntryId, null, [], false);
        Read();
        await Changed.InvokeAsync(new TimesheetOutcome(now));
    }

    private async Task FinishAsync(TimesheetDetail now, string message, Severity severity, Claim? typed = null)
    {
        await drafts.TakeAsync(Key);
        await Changed.InvokeAsync(new TimesheetOutcome(now, message, severity, typed));
    }

    private void Tell(string text, Severity severity) => (notice, noticeSeverity) = (text, severity);
}
