using Microsoft.AspNetCore.Components;
using Portal.Data.Databases;
using Portal.Data.Timesheets;
using Portal.Web.Accounts;

namespace Portal.Web.Timesheets;

/// <summary>A worker's timesheets, most urgent first. What is shown stands in the address.</summary>
public sealed partial class TimesheetsPage(TimesheetQueries queries, CurrentCaller currentCaller, NavigationManager navigation) : IDisposable
{
    private readonly CancellationTokenSource left = new();
    private TimesheetList? list;
    private TimesheetState? state;
    private bool failed;

    [SupplyParameterFromQuery(Name = "status")]
    private string? Status { get; set; }

    /// <summary>A text, because anything may be typed into an address.</summary>
    [SupplyParameterFromQuery(Name = "page")]
    private string? PageNumber { get; set; }

    private string? Attention => (list?.Count(TimesheetState.Rejected), list?.Count(TimesheetState.Draft)) switch
    {
        (null, _) => null,
        (0, 0) => "Nothing is waiting for you.",
        (0, var drafts) => $"{drafts} to submit.",
        (var rejected, 0) => $"{rejected} rejected: please look at what the hospital says.",
        var (rejected, drafts) => $"{rejected} rejected, {drafts} to submit.",
    };

    private string Money => list is null ? "" : string.Join(" + ", list.Due(state).Select(d => Display.Money(d.Due, d.Currency)));

    public void Dispose()
    {
        left.Cancel();
        left.Dispose();
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        state = Enum.TryParse<TimesheetState>(Status, true, out var asked) && Enum.IsDefined(asked) ? asked : null;
        var (wanted, page) = (state, int.TryParse(PageNumber, out var number) ? number : 1);
        failed = false;
        try
        {
            if (await currentCaller.GetAsync() is not { } caller)
            {
                currentCaller.SignInAgain();
                return;
            }

            var loaded = await queries.ListAsync(caller, wanted, page, left.Token);
            // Another filter may have been chosen meanwhile.
            list = wanted == state ? loaded : list;
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested)
        {
        }
        catch (Exception e) when (DatabaseTrouble.Is(e))
        {
            failed = true;
        }
    }

    private void GoToPage(int page) =>
        navigation.NavigateTo(navigation.GetUriWithQueryParameter("page", page == 1 ? null : page));
}
