using Microsoft.AspNetCore.Components;
using NodaTime;
using Portal.Data.Timesheets;

namespace Portal.Web.Timesheets;

/// <summary>Planned beside claimed hours: a table, or a few lines for a cell of a list (<see cref="Compact"/>).</summary>
public partial class ShiftTimes
{
    [Parameter, EditorRequired]
    public required HospitalClock Clock { get; set; }

    [Parameter, EditorRequired]
    public Claim? Planned { get; set; }

    [Parameter, EditorRequired]
    public Claim? Claimed { get; set; }

    /// <summary>Adds a row with the pay, if given.</summary>
    [Parameter]
    public decimal? HourlyRate { get; set; }

    [Parameter]
    public string? Currency { get; set; }

    [Parameter]
    public bool Compact { get; set; }

    private IReadOnlyList<ClaimChange> Changes => ClaimChange.Between(Planned, Claimed);

    private bool Both => Planned is not null && Claimed is not null;

    private bool WorkedDiffers => Both && Planned?.Worked != Claimed?.Worked;

    private string? Mark(ClaimField field) => Changes.Any(c => c.Field == field) ? "differs" : null;

    private string Words(ClaimField field) =>
        Changes.FirstOrDefault(c => c.Field == field)?.Difference ?? (Both ? "as planned" : "");

    private string HoursDifference => Claimed?.Worked - Planned?.Worked is { } by ? Display.Difference(by) : "";

    private string MoneyDifference(decimal rate, string currency) => (Claimed?.Due(rate) - Planned?.Due(rate)) switch
    {
        null => "",
        0 => "no change",
        { } more and > 0 => "+" + Display.Money(more, currency),
        { } less => Display.Money(less, currency),
    };

    private RenderFragment TimeOf(Claim? claim, Instant? instant) => builder =>
    {
        if (claim is null || instant is not { } shown)
        {
            builder.AddContent(0, "–");
            return;
        }

        var nextDay = Clock.Date(shown) > Clock.Date(claim.Start);
        builder.OpenElement(1, "span");
        builder.AddAttribute(2, "class", "time");
        builder.AddContent(3, Display.Time(Clock.Time(shown)));
        builder.CloseElement();
        builder.OpenElement(4, "span");
        builder.AddAttribute(5, "class", "day");
        builder.AddContent(6, (nextDay ? "next day, " : "") + Display.ShortDate(Clock.Date(shown)));
        builder.CloseElement();
    };
}
