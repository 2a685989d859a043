using AngleSharp.Dom;
using Bunit;
using NodaTime;
using Portal.Data.Timesheets;
using Portal.Tests.Support;

namespace Portal.Tests.Timesheets;

/// <summary>What the form says while hours are typed.</summary>
public sealed class ClaimFormTests(DatabaseFixture database) : TimesheetPageScene(database)
{
    [Fact]
    public async Task The_pay_follows_what_is_typed()
    {
        Open(await Scene.Add());
        Pays("Pay for 7 h 30 min £150.00");

        await Type("End", "17:00:00");
        Pays("Pay for 8 h 30 min £170.00");
        Shows("1 h later");
        await Type("Unpaid break, in minutes", "0");
        Pays("Pay for 9 h £180.00");
        Page.Find(".pay").GetAttribute("role").ShouldBe("status");
    }

    [Fact]
    public async Task A_reason_is_asked_for_only_when_the_hours_differ_from_the_plan()
    {
        Open(await Scene.Add());
        Page.FindAll("textarea").ShouldBeEmpty();

        await Type("Start", "07:45");
        Page.WaitForElement("textarea");
        await Click("Submit");
        Shows("These are not the planned hours. Say in a few words why.");
        await Type("Start", "08:00");
        Page.WaitForAssertion(() => Page.FindAll("textarea").ShouldBeEmpty());
    }

    [Fact]
    public async Task An_end_before_the_start_is_the_next_day_and_the_box_says_so()
    {
        Open(await Scene.Add());

        await Type("End", "07:00");

        Page.WaitForAssertion(() => NextDay().HasAttribute("checked").ShouldBeTrue());
        Shows("Ends the next day, Wed 3 Jun");
        await SayNextDay(false);
        Shows("The shift ends before it starts.");
        Value("End").ShouldBe("07:00");
    }

    [Fact]
    public async Task A_shift_of_30_hours_and_a_break_longer_than_the_shift_have_their_messages_and_lose_nothing()
    {
        Open(await Scene.Add());

        await Type("End", "14:00");
        await SayNextDay(true);
        Shows("That is a shift of 30 h; one timesheet holds at most 24 h.");
        await SayNextDay(false);
        await Type("Unpaid break, in minutes", "400");
        Shows("A break of 6 h 40 min leaves nothing of a shift of 6 h.");
        (Value("End"), Value("Unpaid break, in minutes")).ShouldBe(("14:00", "400"));
    }

    [Fact]
    public async Task On_the_night_the_clocks_go_forward_a_time_that_did_not_exist_is_refused()
    {
        Open(await Scene.Add(plan: new(Instant.FromUtc(2026, 3, 28, 19, 0), Instant.FromUtc(2026, 3, 29, 6, 0), 0)));
        Shows("so 19:00 to 07:00 is 11 h long");

        await Type("End", "01:30");

        Shows("01:30 did not exist on Sun 29 Mar 2026");
        Value("End").ShouldBe("01:30");
    }

    [Fact]
    public async Task On_the_night_the_clocks_go_back_it_asks_which_time_is_meant()
    {
        Open(await Scene.Add(plan: new(Instant.FromUtc(2025, 10, 25, 18, 0), Instant.FromUtc(2025, 10, 26, 7, 0), 0)));

        await Type("End", "01:30");
        Shows("The end, 01:30, came twice that night. Which one?");
        await Page.InvokeAsync(() => Page.FindAll("input[type=radio]")[1].Click());

        Pays("Pay for 7 h 30 min £150.00");
    }

    [Fact]
    public async Task Every_input_has_a_label()
    {
        Open(await Scene.Add());
        await Type("End", "18:00");

        foreach (var input in Page.FindAll("input, textarea"))
        {
            (Page.FindAll($"label[for='{input.Id}']").Count > 0 || input.Closest("label") is not null).ShouldBeTrue(input.OuterHtml);
        }
    }
}
