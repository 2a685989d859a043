using MudBlazor;
using Portal.Data.Timesheets;

namespace Portal.Web.Timesheets;

/// <summary>What the editor hands to its page.</summary>
/// <param name="Now">The timesheet as it is now.</param>
/// <param name="Message">What to tell the worker above it.</param>
/// <param name="Typed">Hours that were typed and could not be kept.</param>
public sealed record TimesheetOutcome(TimesheetDetail Now, string? Message = null, Severity Severity = Severity.Normal, Claim? Typed = null);
