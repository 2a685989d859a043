using NodaTime;

namespace Portal.Data.Timesheets;

/// <summary>How one part of the claimed hours differs from the planned ones, in words: "30 min earlier".</summary>
public sealed record ClaimChange(ClaimField Field, string Difference)
{
    /// <summary>The whole sentence part: "start 30 min earlier".</summary>
    public string Text => Field switch
    {
        ClaimField.Start => "start " + Difference,
        ClaimField.End => "end " + Difference,
        _ => "break " + Difference,
    };

    /// <summary>What is different, in the order start, end, break; empty if nothing is or there was no plan.</summary>
    public static IReadOnlyList<ClaimChange> Between(Claim? plan, Claim? claim)
    {
        if (plan is null || claim is null)
        {
            return [];
        }

        var parts = new[]
        {
            (Field: ClaimField.Start, By: claim.Start - plan.Start, Less: "earlier", More: "later"),
            (Field: ClaimField.End, By: claim.End - plan.End, Less: "earlier", More: "later"),
            (Field: ClaimField.Break, By: Duration.FromMinutes((long)claim.BreakMinutes - plan.BreakMinutes), Less: "shorter", More: "longer"),
        };
        return
        [
            .. parts.Where(p => p.By != Duration.Zero)
                .Select(p => new ClaimChange(p.Field, $"{Display.Hours(p.By < Duration.Zero ? -p.By : p.By)} {(p.By < Duration.Zero ? p.Less : p.More)}")),
        ];
    }
}
