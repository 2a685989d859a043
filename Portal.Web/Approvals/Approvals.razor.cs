using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Data.Accounts;
using Portal.Data.Approvals;
using Portal.Data.Payments;
using Portal.Web.Accounts;

namespace Portal.Web.Approvals;

/// <summary>What waits for the hospital: to be decided, to be paid; and what was decided. What is done with it is in the part "Acts".</summary>
public sealed partial class Approvals : IDisposable
{
    private readonly List<Notice> notices = [];
    private readonly HashSet<long> busy = [];
    private HashSet<long> chosen = [];
    private IReadOnlyList<HospitalChoice> hospitals = [];
    private ApprovalCounts? counts;
    private RowPage<ApprovalRow>? list;
    private ApprovalView? loaded;
    private string? problem;
    private string ownName = "";
    private bool isLoading;
    private bool bulkBusy;
    private CancellationTokenSource? reading;
    private ElementReference heading;

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
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private ILogger<Approvals> Logger { get; set; } = null!;

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

    private ApprovalView View => ApprovalView.From(TabText, HospitalText, HoursText, WorkerText, OutcomeText, PageText);

    private List<ApprovalRow> Chosen => list is null ? [] : [.. list.Rows.Where(r => chosen.Contains(r.Id))];

    private string EmptyTitle => View switch
    {
        { Page: > 1 } => "No more on this page",
        { IsFiltered: true } => "Nothing matches",
        { Tab: ApprovalTab.Approve } => "Nothing waits for you",
        { Tab: ApprovalTab.Pay } => "Nothing to pay",
        _ => "Nothing decided yet",
    };

    private string EmptyText => View switch
    {
        { Page: > 1 } => "What stood here has moved up or was decided.",
        { IsFiltered: true } => "Search for another name, or show all.",
        { Tab: ApprovalTab.Approve } => "When a worker submits hours, they appear here, the oldest first.",
        { Tab: ApprovalTab.Pay } => "Approved timesheets appear here until they are marked as paid.",
        _ => "What you and your colleagues approve or reject appears here.",
    };

    public void Dispose() => reading?.Cancel();

    protected override Task OnParametersSetAsync()
    {
        if (View == loaded)
        {
            return Task.CompletedTask;
        }

        // Another list, or another part of it: what was ticked or told belongs to the one before.
        if (loaded?.Tab != View.Tab)
        {
            notices.Clear();
            list = null;
        }

        chosen = [];
        loaded = View;
        return Load();
    }

    private async Task Load()
    {
        reading?.Cancel();
        using var mine = reading = new CancellationTokenSource();
        isLoading = true;
        try
        {
            if (await CurrentCaller.GetAsync() is not { } caller)
            {
                CurrentCaller.SignInAgain();
                return;
            }

            ownName = caller.Name;
            hospitals = await Queue.Hospitals(caller, mine.Token);
            counts = await Queue.Count(caller, mine.Token);
            list = View.Tab switch
            {
                ApprovalTab.Approve => await Queue.Waiting(caller, View.Filter, View.Page, mine.Token),
                ApprovalTab.Pay => await Payments.Due(caller, View.Filter, View.Page, mine.Token),
                _ => await Queue.Decided(caller, View.Filter, View.Page, mine.Token),
            };
            chosen = chosen.Intersect(list.Rows.Select(r => r.Id)).ToHashSet();
            problem = null;
        }
        catch (OperationCanceledException) when (mine.IsCancellationRequested)
        {
            // Another view was asked for meanwhile, or the page was left.
        }
        catch (Exception e) when (Outage.Is(e))
        {
            Outage.Log(Logger, e, "reading the timesheets");
            problem = "The database does not answer just now. Nothing is lost. Try again in a moment.";
        }
        finally
        {
            if (reading == mine)
            {
                reading = null;
                isLoading = false;
            }
        }
    }

    private void GoTo(ApprovalView view) => Navigation.NavigateTo(view.Link);

    private int? Waiting(ApprovalTab tab) => tab switch
    {
        ApprovalTab.Approve => counts?.ToApprove,
        ApprovalTab.Pay => counts?.ToPay,
        _ => null,
    };

    private static string TabName(ApprovalTab tab) => tab switch
    {
        ApprovalTab.Approve => "To approve",
        ApprovalTab.Pay => "To pay",
        _ => "Decided",
    };

    private sealed record Notice(Severity Severity, string Text, string? Link = null, string? LinkText = null);
}
