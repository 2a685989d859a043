using NodaTime;
using Portal.Data.Timesheets;

namespace Portal.Data.Approvals;

/// <summary>How a claim stands to the plan.</summary>
public enum DeviationKind
{
    /// <summary>Start, end and break are the planned ones.</summary>
    AsPlanned,

    /// <summary>More paid time than planned.</summary>
    More,

    /// <summary>Less paid time than planned.</summary>
    Less,

    /// <summary>As much paid time as planned, but at other times.</summary>
    Moved,

    /// <summary>There is no plan to compare with, or no claim.</summary>
    Unknown,
}

/// <summary>The difference between claim and plan, in time and in money.</summary>
/// <param name="Kind">Which way it goes.</param>
/// <param name="Time">Claimed less planned time.</param>
/// <param name="Money">Claimed less planned pay.</param>
public sealed record Deviation(DeviationKind Kind, Duration Time, decimal Money)
{
    private static readonly Deviation Unknown = new(DeviationKind.Unknown, Duration.Zero, 0);

    /// <summary>Compares the two.</summary>
    public static Deviation Of(Claim? planned, Claim? claimed, decimal hourlyRate)
    {
        if (planned is null || claimed is null)
        {
            return Unknown;
        }

        var time = claimed.Worked - planned.Worked;
        var money = Pay.Due(claimed.Worked, hourlyRate) - Pay.Due(planned.Worked, hourlyRate);
        var kind = claimed == planned ? DeviationKind.AsPlanned
            : time > Duration.Zero ? DeviationKind.More
            : time < Duration.Zero ? DeviationKind.Less
            : DeviationKind.Moved;
        return new Deviation(kind, time, money);
    }
}
