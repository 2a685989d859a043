using MudBlazor;
using MudBlazor.Utilities;
using Portal.Web.Shell;

namespace Portal.Tests.Shell;

public sealed class PortalThemeTests
{
    public static TheoryData<string, string, MudColor, MudColor> Texts { get; } = [.. Pairs("light", PortalTheme.LightPalette), .. Pairs("dark", PortalTheme.DarkPalette)];

    [Theory]
    [MemberData(nameof(Texts), DisableDiscoveryEnumeration = true)]
    public void Text_can_be_read(string palette, string pair, MudColor text, MudColor background) =>
        Contrast(text, background).ShouldBeGreaterThanOrEqualTo(4.5, $"{palette}: {pair}");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_edge_of_a_field_can_be_seen(bool isDark)
    {
        Palette palette = isDark ? PortalTheme.DarkPalette : PortalTheme.LightPalette;

        Contrast(palette.LinesInputs, palette.Surface).ShouldBeGreaterThanOrEqualTo(3);
        Contrast(palette.LinesInputs, palette.Background).ShouldBeGreaterThanOrEqualTo(3);
    }

    private static IEnumerable<TheoryDataRow<string, string, MudColor, MudColor>> Pairs(string name, Palette palette)
    {
        (string, MudColor, MudColor)[] onColour =
        [
            ("primary button", palette.PrimaryContrastText, palette.Primary),
            ("secondary button", palette.SecondaryContrastText, palette.Secondary),
            ("tertiary button", palette.TertiaryContrastText, palette.Tertiary),
            ("info", palette.InfoContrastText, palette.Info),
            ("success", palette.SuccessContrastText, palette.Success),
            ("warning", palette.WarningContrastText, palette.Warning),
            ("error", palette.ErrorContrastText, palette.Error),
            ("app bar", palette.AppbarText, palette.AppbarBackground),
            ("drawer", palette.DrawerText, palette.DrawerBackground),
        ];
        (string, MudColor)[] grounds = [("surface", palette.Surface), ("background", palette.Background), ("notice", palette.BackgroundGray)];
        (string, MudColor)[] texts =
        [
            ("text", palette.TextPrimary),
            ("secondary text", palette.TextSecondary),
            ("link", palette.Primary),
            ("info text", palette.Info),
            ("success text", palette.Success),
            ("warning text", palette.Warning),
            ("error text", palette.Error),
        ];
        return onColour
            .Concat(from ground in grounds from text in texts select ($"{text.Item1} on {ground.Item1}", text.Item2, ground.Item2))
            .Select(pair => new TheoryDataRow<string, string, MudColor, MudColor>(name, pair.Item1, pair.Item2, pair.Item3));
    }

    // WCAG 2.2, contrast ratio.
    private static double Contrast(MudColor one, MudColor other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static double Luminance(MudColor colour) =>
        (0.2126 * Linear(colour.R)) + (0.7152 * Linear(colour.G)) + (0.0722 * Linear(colour.B));

    private static double Linear(byte channel)
    {
        var value = channel / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }
}
