using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Data.Accounts;
using Portal.Data.Approvals;
using Portal.Data.Payments;
using Portal.Data.Timesheets;
using Portal.Web.Accounts;

namespace Portal.Web.Approvals;

/// <summary>One timesheet as the hospital sees it, with everything needed to decide.</summary>
public sealed partial class Approval
{
    private ApprovalDetail? detail;
    private QueuePlace? place;
    private string? problem;
    private string? trouble;
    private string ownName = "";
    private bool isMissing;
    private bool isBusy;
    private (long Id, ApprovalView View)? loaded;

    [Parameter]
    public long Id { get; set; }

    [Inject]
    private ApprovalQueue Queue { get; set; } = null!;

    [Inject]
    private ApprovalService Decisions { get; set; } = null!;

    [Inject]
    private PaymentService Payments { get; set; } = null!;

    [Inject]
    private CurrentCaller CurrentCaller { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    [Inject]
    private ILogger<Approval> Logger { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "tab")]
    private string? TabText { get; set; }

    [SupplyParameterFromQuery(Name = "hospital")]
    private string? HospitalText { get; set; }

    [SupplyParameterFromQuery(Name = "hours")]
    private string? HoursText { get; set; }

    [SupplyParameterFromQuery(Name = "worker")]
    private string? WorkerText { get; set; }

    [SupplyParameterFromQuery(Name = "outcome")]
    private string? OutcomeText { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private string? PageText { get; set; }

    /// <summary>The list it was opened from.</summary>
    private ApprovalView View => ApprovalView.From(TabText, HospitalText, HoursText, WorkerText, OutcomeText, PageText);

    private ApprovalRow Row => detail?.Row ?? throw new InvalidOperationException("Shown only when loaded.");

    private HospitalClock Clock => HospitalClock.For(Row.TimeZone);

    private string Place => string.Join(" · ", new[] { Row.Hospital, Row.Unit }.Where(part => part.Length > 0));

    private string BackText => View.Tab switch
    {
        ApprovalTab.Pay => "To pay",
        ApprovalTab.Decided => "Decided",
        _ => "To approve",
    };

    private string State => Row switch
    {
        { IsOwn: true } => "This is your own timesheet. A colleague decides on it.",
        { Status: TimesheetStatus.Submitted, Claimed: null } => "No hours are claimed, so it can only be rejected.",
        { Status: TimesheetStatus.Submitted, SubmittedAt: { } at } => $"Waits since {Display.Moment(at, Clock)}.",
        { Payment: { } paid } => $"{Display.Money(paid.Amount, paid.Currency)} paid on {Display.Moment(paid.At, Clock)}{By(paid.By)}.",
        { Status: TimesheetStatus.Approved, Decision: { } made } => $"Approved on {Display.Moment(made.At, Clock)}{By(made.By)}. Not paid yet.",
        { Status: TimesheetStatus.Rejected, Decision: { } made } => $"Rejected on {Display.Moment(made.At, Clock)}{By(made.By)}. The worker may submit it again.",
        { Status: TimesheetStatus.Draft } => "The worker is changing it. It comes back here once it is submitted.",
        { Status: TimesheetStatus.Approved } => "Approved. Not paid yet.",
        _ => "",
    };

    protected override Task OnParametersSetAsync()
    {
        if ((Id, View) == loaded)
        {
            return Task.CompletedTask;
        }

        if (Id != loaded?.Id)
        {
            (detail, place, trouble) = (null, null, null);
        }

        loaded = (Id, View);
        return Load();
    }

    private async Task Load()
    {
        var id = Id;
        try
        {
            if (await CurrentCaller.GetAsync() is not { } caller)
            {
                CurrentCaller.SignInAgain();
                return;
            }

            var found = await Queue.Find(caller, id);
            var around = found is null ? null : await Queue.Place(caller, View.Filter, found.Row);
            if (id == Id)
            {
                (detail, place, isMissing, problem, ownName) = (found, around, found is null, null, caller.Name);
            }
        }
        catch (Exception e) when (Outage.Is(e))
        {
            Outage.Log(Logger, e, "reading a timesheet");
            problem = "The database does not answer just now. Nothing is lost. Try again in a moment.";
        }
    }

    private Task Approve() => Act(async caller =>
    {
        var result = await Decisions.Approve(caller, Row.Id, Row.Version);
        Tell(ApprovalWords.Problem(result, Row.TimeZone, caller.Name), $"Approved: {ApprovalWords.Name(Row)}, {ApprovalWords.Due(Row)}.");
    });

    private Task Reject() => Act(async _ =>
    {
        if (await RejectDialog.Ask(Dialogs, Row))
        {
            Tell(null, $"Rejected: {ApprovalWords.Name(Row)}. The worker sees your reason.");
        }
    });

    private Task Pay() => Act(async caller =>
    {
        if (await Dialogs.ShowMessageBoxAsync(
            $"Mark {ApprovalWords.Name(Row)} as paid?",
            $"{ApprovalWords.Due(Row)} is recorded as paid today. This cannot be taken back.",
            yesText: "Mark as paid", cancelText: "Cancel") is true)
        {
            var result = (await Payments.MarkPaid(caller, [Row.Id]))[0].Result;
            Tell(ApprovalWords.Problem(result, Row.TimeZone, caller.Name), $"Paid: {ApprovalWords.Name(Row)}, {ApprovalWords.Due(Row)}.");
        }
    });

    /// <summary>Does it once, however often it is pressed, and shows the timesheet as it is afterwards.</summary>
    private async Task Act(Func<Caller, Task> act)
    {
        if (isBusy)
        {
            return;
        }

        isBusy = true;
        trouble = null;
        try
        {
            if (await CurrentCaller.GetAsync() is not { } caller)
            {
                CurrentCaller.SignInAgain();
                return;
            }

            await act(caller);
            await Load();
        }
        catch (Exception e) when (Outage.Is(e))
        {
            Outage.Log(Logger, e, "a decision or a payment");
            trouble = ApprovalWords.Outage;
        }
        finally
        {
            isBusy = false;
        }
    }

    private void Tell(string? problem, string done)
    {
        if (problem is null)
        {
            Snackbar.Add(done, Severity.Success);
        }

        trouble = problem;
    }

    private string By(string? name) => name is null ? "" : $" by {(name == ownName ? "you" : name)}";
}
