using Microsoft.AspNetCore.Components;
using Portal.Data.Databases;
using Portal.Data.Timesheets;
using Portal.Web.Accounts;

namespace Portal.Web.Timesheets;

/// <summary>One timesheet of the worker: to change while it may be changed, to read otherwise.</summary>
public sealed partial class TimesheetPage(TimesheetQueries queries, CurrentCaller currentCaller, NavigationManager navigation) : IDisposable
{
    private readonly CancellationTokenSource left = new();
    private TimesheetDetail? timesheet;
    private TimesheetOutcome? outcome;
    private bool failed;

    [Parameter]
    public long Id { get; set; }

    private string Where => string.Join(
        " · ",
        new[] { timesheet?.Unit, WhenBooked, $"No.\u00a0{Id}" }.Where(part => !string.IsNullOrEmpty(part)));

    private string? WhenBooked => timesheet?.Planned is { } plan
        ? $"booked for {Display.Date(timesheet.Clock.Date(plan.Start))}"
        : null;

    public void Dispose()
    {
        left.Cancel();
        left.Dispose();
    }

    protected override Task OnParametersSetAsync()
    {
        if (timesheet?.Id == Id)
        {
            return Task.CompletedTask;
        }

        (timesheet, outcome) = (null, null);
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        failed = false;
        var wanted = Id;
        try
        {
            if (await currentCaller.GetAsync() is not { } caller)
            {
                currentCaller.SignInAgain();
                return;
            }

            var found = await queries.GetAsync(caller, wanted, left.Token);
            if (wanted != Id)
            {
                return;
            }

            timesheet = found;
            if (found is null)
            {
                SayNotFound();
            }
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested)
        {
        }
        catch (Exception e) when (DatabaseTrouble.Is(e))
        {
            failed = true;
        }
    }

    private void Show(TimesheetOutcome changed) => (timesheet, outcome) = (changed.Now, changed);

    private void SayNotFound() => navigation.NotFound();
}
