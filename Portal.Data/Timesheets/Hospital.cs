namespace Portal.Data.Timesheets;

/// <summary>A hospital where shifts are worked.</summary>
public sealed class Hospital
{
    public long Id { get; init; }

    public required string Name { get; set; }

    /// <summary>IANA time zone; all its shifts are entered and shown in it.</summary>
    public string TimeZone { get; set; } = "Europe/London";

    /// <summary>ISO 4217 code.</summary>
    public string Currency { get; set; } = "GBP";
}
