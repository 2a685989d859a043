using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Portal.Data.Timesheets;

/// <summary>The names of statuses and actions in the database: lower case, as the tables' constraints list them.</summary>
internal static class StatusText
{
    public static readonly ValueConverter<TimesheetStatus, string> Converter = LowerCase<TimesheetStatus>();

    public static ValueConverter<TEnum, string> LowerCase<TEnum>()
        where TEnum : struct, Enum =>
        new(value => Write(value), text => Enum.Parse<TEnum>(text, true));

    // The database's own words are lower case; nothing here depends on a culture.
#pragma warning disable CA1308
    public static string Write<TEnum>(TEnum value)
        where TEnum : struct, Enum => value.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
