using MudBlazor;

namespace Portal.Web.Shell;

/// <summary>
/// The portal's look: petrol on cool paper, quiet surfaces, colour kept for what needs a decision. The two themes differ
/// only in the selector their style sheet is written for.
/// </summary>
public static class PortalTheme
{
    public static PaletteLight LightPalette { get; } = new()
    {
        Primary = "#0f5f6b",
        PrimaryContrastText = "#ffffff",
        Secondary = "#46578a",
        SecondaryContrastText = "#ffffff",
        Tertiary = "#7a4b2a",
        TertiaryContrastText = "#ffffff",
        Info = "#1d5d9b",
        Success = "#1b6e45",
        Warning = "#8a5200",
        Error = "#b0281f",
        Dark = "#17282c",
        Background = "#f3f6f5",
        BackgroundGray = "#e9eeed",
        Surface = "#ffffff",
        AppbarBackground = "#ffffff",
        AppbarText = "#17282c",
        DrawerBackground = "#ffffff",
        DrawerText = "#2f4348",
        DrawerIcon = "#4d6065",
        TextPrimary = "#17282c",
        TextSecondary = "#4d6065",
        TextDisabled = "#7b8b8f",
        ActionDefault = "#4d6065",
        ActionDisabled = "#93a1a4",
        ActionDisabledBackground = "#e3e9e8",
        LinesDefault = "#dbe3e2",
        LinesInputs = "#74868a",
        TableLines = "#e3e9e8",
        TableHover = "#f3f7f6",
        TableStriped = "#f8faf9",
        Divider = "#dbe3e2",
        DividerLight = "#e9eeed",
        Skeleton = "#e3e9e8",
        OverlayDark = "#0e1618a6",
    };

    public static PaletteDark DarkPalette { get; } = new()
    {
        Primary = "#74c7d2",
        PrimaryContrastText = "#05272d",
        Secondary = "#aebbea",
        SecondaryContrastText = "#101833",
        Tertiary = "#e2b18c",
        TertiaryContrastText = "#2b1608",
        Info = "#8cbdf0",
        InfoContrastText = "#071b30",
        Success = "#7ecb9d",
        SuccessContrastText = "#06281a",
        Warning = "#e8b35c",
        WarningContrastText = "#2b1a00",
        Error = "#f2938a",
        ErrorContrastText = "#3a0905",
        Dark = "#dfe8e8",
        DarkContrastText = "#0e1618",
        Background = "#0e1618",
        BackgroundGray = "#131d20",
        Surface = "#172124",
        AppbarBackground = "#131d20",
        AppbarText = "#e4ecec",
        DrawerBackground = "#131d20",
        DrawerText = "#ccd8d9",
        DrawerIcon = "#a3b4b7",
        TextPrimary = "#e4ecec",
        TextSecondary = "#a3b4b7",
        TextDisabled = "#74858a",
        ActionDefault = "#a3b4b7",
        ActionDisabled = "#5d6e72",
        ActionDisabledBackground = "#222e32",
        LinesDefault = "#2a383c",
        LinesInputs = "#7f9296",
        TableLines = "#253236",
        TableHover = "#1d292d",
        TableStriped = "#1a2528",
        Divider = "#2a383c",
        DividerLight = "#222e32",
        Skeleton = "#253236",
        OverlayDark = "#000000a6",
    };

    public static MudTheme Light { get; } = For(":root[data-theme=light]");

    public static MudTheme Dark { get; } = For(":root[data-theme=dark]");

    private static MudTheme For(string selector) => new()
    {
        PaletteLight = LightPalette,
        PaletteDark = DarkPalette,
        PseudoCss = new PseudoCss { Scope = selector },
        LayoutProperties = new LayoutProperties
        {
            DefaultBorderRadius = "10px",
            AppbarHeight = "60px",
            DrawerWidthLeft = "248px",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography
            {
                FontFamily = ["Atkinson Hyperlegible Next", "system-ui", "sans-serif"],
                FontSize = "1rem",
                FontWeight = "400",
                LineHeight = "1.5",
                LetterSpacing = "normal",
            },
            H1 = new H1Typography { FontSize = "1.75rem", FontWeight = "650", LineHeight = "1.2", LetterSpacing = "-0.01em" },
            H2 = new H2Typography { FontSize = "1.25rem", FontWeight = "650", LineHeight = "1.3", LetterSpacing = "normal" },
            H3 = new H3Typography { FontSize = "1.0625rem", FontWeight = "650", LineHeight = "1.4", LetterSpacing = "normal" },
            Body1 = new Body1Typography { FontSize = "1rem", LineHeight = "1.5", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontSize = "0.9375rem", LineHeight = "1.5", LetterSpacing = "normal" },
            Caption = new CaptionTypography { FontSize = "0.875rem", LineHeight = "1.4", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontSize = "0.9375rem", FontWeight = "600", TextTransform = "none", LetterSpacing = "normal" },
        },
    };
}
