using Microsoft.AspNetCore.Components;
using Portal.Data.Approvals;
using Portal.Data.Timesheets;

namespace Portal.Web.Approvals;

/// <summary>One timesheet of a list, with its buttons.</summary>
public partial class ApprovalTableRow
{
    [Parameter, EditorRequired]
    public required ApprovalRow Row { get; set; }

    [Parameter, EditorRequired]
    public required ApprovalTab Tab { get; set; }

    [Parameter, EditorRequired]
    public required string Link { get; set; }

    [Parameter]
    public bool ShowHospital { get; set; }

    [Parameter]
    public string OwnName { get; set; } = "";

    [Parameter]
    public bool CanChoose { get; set; }

    [Parameter]
    public bool IsEligible { get; set; }

    [Parameter]
    public bool IsChosen { get; set; }

    [Parameter]
    public bool IsBusy { get; set; }

    [Parameter]
    public EventCallback<bool> OnChoose { get; set; }

    [Parameter]
    public EventCallback OnApprove { get; set; }

    [Parameter]
    public EventCallback OnReject { get; set; }

    [Parameter]
    public EventCallback OnPay { get; set; }

    private HospitalClock Clock => HospitalClock.For(Row.TimeZone);

    private string Name => ApprovalWords.Name(Row);

    private string Place => string.Join(" · ", new[] { Row.Unit, ShowHospital ? Row.Hospital : "" }.Where(part => part.Length > 0));

    private string When => Tab switch
    {
        ApprovalTab.Approve => Row.SubmittedAt is { } at ? ApprovalWords.Lately(at, Clock) : "time not known",
        _ when Row.Payment is { } paid && Tab == ApprovalTab.Decided => Act(paid.By, paid.At),
        _ => Row.Decision is { } decision ? Act(decision.By, decision.At) : "not through the portal",
    };

    private string Act(string? name, NodaTime.Instant at) =>
        (Tab == ApprovalTab.Decided ? Display.Moment(at, Clock) : ApprovalWords.Lately(at, Clock)) + (name is null ? "" : $" by {By(name)}");

    private string By(string name) => name == OwnName ? "you" : name;
}
