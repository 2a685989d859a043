using Microsoft.AspNetCore.Components;
using Portal.Data.Approvals;

namespace Portal.Web.Approvals;

/// <summary>A page of timesheets, with what can be done to each. Decides nothing itself.</summary>
public partial class ApprovalTable
{
    [Parameter, EditorRequired]
    public required IReadOnlyList<ApprovalRow> Rows { get; set; }

    [Parameter, EditorRequired]
    public required ApprovalTab Tab { get; set; }

    /// <summary>Address of a timesheet.</summary>
    [Parameter, EditorRequired]
    public required Func<long, string> LinkTo { get; set; }

    /// <summary>Only worth the room to those who work for several.</summary>
    [Parameter]
    public bool ShowHospital { get; set; }

    /// <summary>The caller, who is called "you".</summary>
    [Parameter]
    public string OwnName { get; set; } = "";

    /// <summary>The list is being read anew.</summary>
    [Parameter]
    public bool Busy { get; set; }

    /// <summary>Rows on which something is being done; their buttons rest.</summary>
    [Parameter]
    public IReadOnlySet<long> BusyIds { get; set; } = new HashSet<long>();

    /// <summary>The rows ticked.</summary>
    [Parameter]
    public HashSet<long> Chosen { get; set; } = new HashSet<long>();

    [Parameter]
    public EventCallback<HashSet<long>> ChosenChanged { get; set; }

    [Parameter]
    public EventCallback<ApprovalRow> OnApprove { get; set; }

    [Parameter]
    public EventCallback<ApprovalRow> OnReject { get; set; }

    [Parameter]
    public EventCallback<ApprovalRow> OnPay { get; set; }

    private string Caption => Tab switch
    {
        ApprovalTab.Approve => "Timesheets that wait for a decision, the oldest first",
        ApprovalTab.Pay => "Approved timesheets that are not paid, the oldest first",
        _ => "Decided timesheets, the latest first",
    };

    private bool CanChoose => Tab != ApprovalTab.Decided;

    private bool AllChosen => Rows.Any(IsEligible) && Rows.Where(IsEligible).All(r => Chosen.Contains(r.Id));

    private bool IsEligible(ApprovalRow row) => Tab == ApprovalTab.Pay ? row.CanPay : row.CanApproveInBulk;

    private Task ChooseAll(bool on) =>
        ChosenChanged.InvokeAsync(on ? Rows.Where(IsEligible).Select(r => r.Id).ToHashSet() : []);

    private Task Choose(long id, bool on) =>
        ChosenChanged.InvokeAsync(on ? [.. Chosen, id] : Chosen.Where(other => other != id).ToHashSet());
}
