namespace Portal.Data.Timesheets;

/// <summary>A person who works shifts.</summary>
public sealed class Worker
{
    public long Id { get; init; }

    public required string Name { get; set; }
}
