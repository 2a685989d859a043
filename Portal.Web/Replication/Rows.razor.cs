using Microsoft.AspNetCore.Components;
using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>Old rows beside new ones. What is searched for, and which page of it, is in the address.</summary>
public sealed partial class Rows(Comparison comparison, CurrentCaller caller, NavigationManager navigation)
    : ReportPage<ComparedPage>(caller)
{
    private RowSearch search = new();

    // Text, because an address can hold anything.
    [SupplyParameterFromQuery]
    private string? Id { get; set; }

    [SupplyParameterFromQuery]
    private string? Worker { get; set; }

    [SupplyParameterFromQuery]
    private string? Hospital { get; set; }

    [SupplyParameterFromQuery]
    private string? Differences { get; set; }

    [SupplyParameterFromQuery]
    private string? After { get; set; }

    [SupplyParameterFromQuery]
    private string? Before { get; set; }

    private string EmptyAdvice => search switch
    {
        { Id: null, Worker: null, Hospital: null, OnlyDifferences: true } => "Every timesheet is the same in both databases.",
        { OnlyDifferences: true } => "Every timesheet found by this search is the same in both databases.",
        { IsEmpty: true } => "Neither database has a timesheet here.",
        _ => "Neither database has such a timesheet. Search for less, or for another number.",
    };

    protected override Task OnParametersSetAsync()
    {
        search = new() { Id = Id, Worker = Worker, Hospital = Hospital, OnlyDifferences = Differences == "true" };
        return search.IdError is null ? Load() : Task.CompletedTask;
    }

    protected override Task<Answer<ComparedPage>> Ask(Caller? by, CancellationToken cancel) =>
        comparison.Page(by, search.ToFilter(), new PageKey(Key(After), Key(Before)), cancel: cancel);

    private void Search()
    {
        if (search.IdError is null)
        {
            navigation.NavigateTo(Link());
        }
    }

    private void ShowOnlyDifferences(bool only)
    {
        search.OnlyDifferences = only;
        Search();
    }

    private string Link(long? after = null, long? before = null) =>
        navigation.GetUriWithQueryParameters(navigation.ToAbsoluteUri("replication/rows").ToString(), new Dictionary<string, object?>
        {
            ["id"] = Typed(search.Id),
            ["worker"] = Typed(search.Worker),
            ["hospital"] = Typed(search.Hospital),
            ["differences"] = search.OnlyDifferences ? "true" : null,
            ["after"] = after,
            ["before"] = before,
        });

    private static string Found(ComparedPage page)
    {
        var differing = page.Rows.Count(r => r.Difference != Difference.Same);
        var which = page.Rows is [var only]
            ? $"Timesheet {only.Id}"
            : $"{ReplicationWords.Rows(page.Rows.Count)}, timesheets {page.Rows[0].Id} to {page.Rows[^1].Id}";
        return differing switch
        {
            0 => $"{which}: the same in both databases.",
            _ when page.Rows.Count == 1 => $"{which} is not the same in both databases.",
            _ => $"{which}: {differing} not the same in both databases.",
        };
    }

    private static long? Key(string? text) => long.TryParse(text, out var key) ? key : null;

    private static string? Typed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
