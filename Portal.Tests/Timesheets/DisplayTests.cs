using NodaTime;
using Portal.Data.Timesheets;

namespace Portal.Tests.Timesheets;

public sealed class DisplayTests
{
    [Theory]
    [InlineData(0, "0 min")]
    [InlineData(45, "45 min")]
    [InlineData(60, "1 h")]
    [InlineData(450, "7 h 30 min")]
    [InlineData(-30, "−30 min")]
    [InlineData(75_060, "1,251 h")]
    public void Hours_read_as_hours_and_minutes(int minutes, string text) =>
        Display.Hours(Duration.FromMinutes(minutes)).ShouldBe(text);

    [Theory]
    [InlineData("GBP", 1234.5, "£1,234.50")]
    [InlineData("EUR", -20, "−€20.00")]
    [InlineData("CHF", 20, "CHF\u00a020.00")]
    public void Money_has_its_sign_or_its_code(string currency, double amount, string text) =>
        Display.Money((decimal)amount, currency).ShouldBe(text);

    [Fact]
    public void A_night_shift_names_the_day_it_ends() =>
        Display.Shift(new(Instant.FromUtc(2026, 6, 2, 18, 0), Instant.FromUtc(2026, 6, 3, 6, 0), 0), HospitalClock.For("Europe/London"))
            .ShouldBe("19:00–07:00 (Wed 3 Jun)");
}
