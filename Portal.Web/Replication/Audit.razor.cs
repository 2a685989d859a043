using Microsoft.AspNetCore.Components;
using NodaTime;
using NodaTime.Text;
using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>Who has done what to the replication.</summary>
public sealed partial class Audit(AuditLog audit, CurrentCaller caller, NavigationManager navigation) : ReportPage<AuditPage>(caller)
{
    private IReadOnlyList<string> actions = [];

    [SupplyParameterFromQuery(Name = "who")]
    private string? Account { get; set; }

    [SupplyParameterFromQuery(Name = "what")]
    private string? Action { get; set; }

    [SupplyParameterFromQuery(Name = "about")]
    private string? Text { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    private string? From { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    private string? To { get; set; }

    [SupplyParameterFromQuery(Name = "before")]
    private long? Before { get; set; }

    private bool IsNarrowed => new[] { Account, Action, Text, From, To }.Any(f => !string.IsNullOrWhiteSpace(f));

    protected override Task OnParametersSetAsync() => Load();

    protected override async Task<Answer<AuditPage>> Ask(Caller? by, CancellationToken cancel)
    {
        var answer = await audit.List(by, new AuditFilter(Account, Action, Text, Day(From), Day(To)), Before, cancel);
        actions = answer.Value?.Actions ?? actions;
        return answer;
    }

    private void Narrow(string name, string? value) => navigation.NavigateTo(navigation.GetUriWithQueryParameters(
        new Dictionary<string, object?> { [name] = string.IsNullOrWhiteSpace(value) ? null : value, ["before"] = null }), replace: true);

    private string Address(string name, long? value) => navigation.GetUriWithQueryParameter(name, value);

    private static LocalDate? Day(string? text) =>
        LocalDatePattern.Iso.Parse(text ?? "") is { Success: true, Value: var day } ? day : null;
}
