namespace Portal.Data.Approvals;

/// <summary>Which timesheets to show: those whose claim differs from the plan, or those that are as planned.</summary>
public enum HoursFilter
{
    Amended,
    AsPlanned,
}

/// <summary>What became of a decided timesheet.</summary>
public enum OutcomeFilter
{
    Approved,
    Rejected,
    Paid,
}

/// <summary>What to show of a list. Everything left out means everything.</summary>
/// <param name="HospitalId">One of the caller's hospitals.</param>
/// <param name="Hours">Amended or as planned.</param>
/// <param name="Worker">Part of the worker's name.</param>
/// <param name="Outcome">Of decided timesheets only.</param>
public sealed record ApprovalFilter(
    long? HospitalId = null,
    HoursFilter? Hours = null,
    string? Worker = null,
    OutcomeFilter? Outcome = null);

/// <summary>One page of a list.</summary>
/// <param name="Rows">The rows of this page.</param>
/// <param name="Number">Which page, from 1.</param>
/// <param name="HasMore">Whether another page follows.</param>
public sealed record RowPage<T>(IReadOnlyList<T> Rows, int Number, bool HasMore)
{
    /// <summary>How many rows a page has.</summary>
    public const int Size = 25;
}
