using Microsoft.AspNetCore.Components;
using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Data.Replication.Alarms;
using Portal.Web.Accounts;

namespace Portal.Web.Replication.Alarms;

/// <summary>All alarms; follows by itself.</summary>
public sealed partial class AlarmList(AlarmBook book, AlarmSignal signal, CurrentCaller caller, NavigationManager navigation) : ReportPage<AlarmPage>(caller)
{
    [SupplyParameterFromQuery(Name = "open")]
    private bool OnlyOpen { get; set; }

    [SupplyParameterFromQuery(Name = "before")]
    private long? Before { get; set; }

    protected override void OnInitialized() => signal.Rang += Follow;

    protected override Task OnParametersSetAsync() => Load();

    protected override Task<Answer<AlarmPage>> Ask(Caller? by, CancellationToken cancel) => book.List(by, OnlyOpen, Before, cancel);

    private void Follow() => _ = InvokeAsync(Load);

    private void Choose(bool onlyOpen) =>
        navigation.NavigateTo(navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["open"] = onlyOpen ? true : null, ["before"] = null }));

    private string Address(long? before) => navigation.GetUriWithQueryParameter("before", before);

    private static string Told(AlarmDelivery told)
    {
        var (what, how) = (told.Event == "resolved" ? "The end" : "It", told.Channel == "email" ? "by e-mail" : "to the webhook");
        return told switch
        {
            { DeliveredAt: { } at } => $"{what} was told {how} {ReplicationWords.At(at)}.",
            { Problem: { } problem } => $"{what} was not told {how} after {ReplicationWords.Attempts(told.Attempts)}: {problem}",
            _ => $"{what} is about to be told {how}.",
        };
    }

    protected override void Dispose(bool disposing)
    {
        signal.Rang -= Follow;
        base.Dispose(disposing);
    }
}
