namespace Portal.Data.Timesheets;

/// <summary>What became of a worker's change.</summary>
public abstract record TimesheetResult
{
    private TimesheetResult()
    {
    }

    /// <summary>It was kept; the timesheet is now like this.</summary>
    public sealed record Saved(TimesheetDetail Now) : TimesheetResult;

    /// <summary>It had been submitted with the same hours before: a second click, or a second window.</summary>
    public sealed record AlreadySubmitted(TimesheetDetail Now) : TimesheetResult;

    /// <summary>Nothing was kept: these fields need another value.</summary>
    public sealed record Invalid(IReadOnlyList<ClaimProblem> Problems) : TimesheetResult;

    /// <summary>Nothing was kept: the timesheet changed meanwhile, to this. <see cref="TimesheetDetail.NewSince"/> tells by whom.</summary>
    public sealed record Conflict(TimesheetDetail Now) : TimesheetResult;

    /// <summary>Nothing was kept: in its status it cannot be changed.</summary>
    public sealed record NotAllowedNow(string Message, TimesheetDetail Now) : TimesheetResult;

    /// <summary>There is none of this number, or it is somebody else's.</summary>
    public sealed record NotFound : TimesheetResult;

    /// <summary>Nothing was kept: the database did not take it.</summary>
    public sealed record Failed(string Message) : TimesheetResult;
}
