using System.Globalization;

namespace Portal.Bench;

/// <summary>Numbers as the table shows them.</summary>
internal static class Text
{
    public static string Milliseconds(double value) => $"{Number(value, value < 10 ? "N2" : "N0")} ms";

    public static string Seconds(double value) => $"{Number(value, "N2")} s";

    public static string Times(double value) => $"{Number(value, "N2")}x";

    public static string PerSecond(double value) => $"{Number(value, "N0")} tps";

    public static string Keys(double value) => $"{Number(value, "N0")} keys/s";

    public static string Percent(double share) => $"{Number(100 * share, share is > 0 and < 1 ? "N1" : "N0")} %";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
