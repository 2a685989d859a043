using Bunit;
using MudBlazor.Services;
using NodaTime;
using Portal.Data.Timesheets;
using Portal.Web.Timesheets;

namespace Portal.Tests.Timesheets;

/// <summary>The small pieces that both sides of a timesheet use.</summary>
public sealed class ShownTests : BunitContext
{
    private static readonly HospitalClock London = HospitalClock.For("Europe/London");
    private static readonly Claim Night = new(Instant.FromUtc(2026, 6, 2, 18, 0), Instant.FromUtc(2026, 6, 3, 6, 0), 60);

    public ShownTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
    }

    [Theory]
    [InlineData(TimesheetStatus.Draft, false, "Draft")]
    [InlineData(TimesheetStatus.Rejected, false, "Rejected")]
    [InlineData(TimesheetStatus.Approved, true, "Paid")]
    public void The_status_is_said_in_words(TimesheetStatus status, bool paid, string word) =>
        Render<StatusChip>(p => p.Add(c => c.Status, status).Add(c => c.Paid, paid)).Find(".status").TextContent.Trim().ShouldBe(word);

    [Fact]
    public void What_differs_from_the_plan_is_marked_in_words_and_the_rest_is_not()
    {
        var times = Render<ShiftTimes>(p => p.Add(t => t.Clock, London).Add(t => t.Planned, Night)
            .Add(t => t.Claimed, Night with { End = Night.End + Duration.FromMinutes(45) }).Add(t => t.HourlyRate, 20).Add(t => t.Currency, "GBP"));

        times.FindAll("tbody tr").Select(r => (r.QuerySelector("th")?.TextContent, r.QuerySelector(".difference")?.TextContent, r.ClassList.Contains("differs")))
            .ShouldBe([("Start", "as planned", false), ("End", "45 min later", true), ("Break", "as planned", false), ("Worked", "+45 min", true), ("Pay", "+£15.00", true)]);
        times.Markup.ShouldContain("next day, Wed 3 Jun");
    }

    [Fact]
    public void A_cell_of_a_list_says_the_same_in_two_lines() =>
        Render<ShiftTimes>(p => p.Add(t => t.Clock, London).Add(t => t.Planned, Night).Add(t => t.Compact, true)
                .Add(t => t.Claimed, Night with { Start = Night.Start - Duration.FromMinutes(15) }))
            .Find(".differs").TextContent.ShouldBe("start 15 min earlier");

    [Fact]
    public void The_history_says_who_did_what_when_from_what_to_what_and_why()
    {
        var entry = new HistoryEntry(
            1, Instant.FromUtc(2026, 6, 4, 8, 5), "Wendy Worker", TimesheetAction.Amended, TimesheetStatus.Draft, TimesheetStatus.Draft,
            Night, Night with { BreakMinutes = 30 }, "<b>Short</b> break");

        var text = Render<HistoryTimeline>(p => p.Add(h => h.Clock, London).Add(h => h.Entries, [entry])).Find("li").TextContent;

        foreach (var part in new[] { "Changed the hours", "Wendy Worker", "Thu 4 Jun 2026, 09:05", "1 h break", "30 min break", "break 30 min shorter", "“<b>Short</b> break”" })
        {
            text.ShouldContain(part);
        }
    }
}
