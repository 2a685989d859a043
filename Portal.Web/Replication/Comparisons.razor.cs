using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>Comparisons of all rows: begin, watch, hold, read, repair. What is looked at is in the address.</summary>
public sealed partial class Comparisons(
    ComparisonReports reports,
    ComparisonRuns runs,
    ComparisonSchedules schedules,
    Repairs repairs,
    CurrentCaller caller,
    IDialogService dialogs,
    ISnackbar snackbar,
    NavigationManager navigation,
    TimeProvider time) : ReportPage<ComparisonReport>(caller)
{
    // While something is under way it is watched closely.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private const int Seldom = 5;

    private readonly HashSet<long> selected = [];
    private bool acting;

    // Text, because an address can hold anything.
    [SupplyParameterFromQuery]
    private string? Run { get; set; }

    [SupplyParameterFromQuery]
    private string? Kind { get; set; }

    [SupplyParameterFromQuery]
    private string? Cause { get; set; }

    [SupplyParameterFromQuery]
    private string? After { get; set; }

    [SupplyParameterFromQuery]
    private string? Before { get; set; }

    private Difference? KindFilter => Enum.TryParse<Difference>(Kind, ignoreCase: true, out var kind) && kind != Difference.Same ? kind : null;

    private DifferenceCause? CauseFilter => Enum.TryParse<DifferenceCause>(Cause, ignoreCase: true, out var cause) ? cause : null;

    private long? AfterKey => long.TryParse(After, out var key) ? key : null;

    private long? BeforeKey => long.TryParse(Before, out var key) ? key : null;

    private bool IsUnderWay => Report is { } report && (report.Open is { State: ComparisonState.Running } || report.Repairs.Any(r => !r.IsOver));

    protected override bool KeepsLast => true;

    protected override Task OnParametersSetAsync() => Load();

    protected override async Task<Answer<ComparisonReport>> Ask(Caller? by, CancellationToken cancel)
    {
        var answer = await reports.Read(by, long.TryParse(Run, out var id) ? id : null, new(KindFilter, CauseFilter, AfterKey, BeforeKey), cancel);
        // What was chosen was chosen of what another comparison found.
        if (answer.Value is { Shown: { } next } && next.Id != Report?.Shown?.Id && selected.Count > 0)
        {
            selected.Clear();
            snackbar.Add($"Comparison {next.Id} is shown now. Nothing of it is chosen yet.", Severity.Info);
        }

        return answer;
    }

    protected override Task OnAfterRenderAsync(bool firstRender)
    {
        var ticks = 0;
        return firstRender ? Repeat(Soon, time, () => !Busy && !acting && (IsUnderWay || ++ticks % Seldom == 0) ? Load() : Task.CompletedTask) : Task.CompletedTask;
    }

    private Task Start(ComparisonLoad load) => Act(by => runs.Start(by, load), run => $"Comparison {run.Id} is under way.", "Nothing was begun.");

    private Task Switch(ComparisonState to) => Report?.Open is not { } open
        ? Task.CompletedTask
        : Act(by => runs.Switch(by, open.Id, to), run => ReplicationWords.Switched(run), "The comparison is as it was.");

    private Task Save(ScheduleForm.Entry entry) => Act(
        by => schedules.Set(by, entry.Cron, entry.Enabled, entry.Share, entry.Seen), _ => "The schedule is saved.", "Nothing was saved.");

    private Task StopRepair(long id) => Act(by => repairs.Stop(by, id), repair => $"Stopped. {ReplicationWords.Sentence(repair)}", "The repair goes on.");

    private async Task Repair(RepairScope scope)
    {
        if (await RepairDialog.Ask(dialogs, scope) is { } repair)
        {
            selected.Clear();
            snackbar.Add($"Repair {repair.Id} of {ReplicationWords.Rows(repair.Rows)} is under way.", Severity.Success);
            await Load();
        }
    }

    private async Task<PastEvents?> HistoryOf(long timesheet) => (await AskAsCaller(by => reports.History(by, timesheet))).Value;

    private void Choose((IEnumerable<long> Keys, bool IsChosen) choice)
    {
        if (choice.IsChosen)
        {
            selected.UnionWith(choice.Keys);
        }
        else
        {
            selected.ExceptWith(choice.Keys);
        }
    }

    private async Task Act<T>(Func<Caller?, Task<Answer<T>>> act, Func<T, string> done, string notDone)
        where T : class
    {
        acting = true;
        try
        {
            var answer = await AskAsCaller(act);
            snackbar.Add(
                answer is { Value: { } value } ? done(value) : answer.Trouble is { } trouble ? ReplicationWords.Failed(trouble, notDone) : notDone,
                answer.Trouble is null ? Severity.Success : Severity.Error);
        }
        finally
        {
            acting = false;
        }

        await Load();
    }

    private void Filter((Difference? Kind, DifferenceCause? Cause) filter)
    {
        selected.Clear();
        navigation.NavigateTo(Link(filter.Kind, filter.Cause));
    }

    private string Link(long? after = null, long? before = null) => Link(KindFilter, CauseFilter, after, before);

    private string Link(Difference? kind, DifferenceCause? cause, long? after = null, long? before = null) =>
        navigation.GetUriWithQueryParameters(navigation.ToAbsoluteUri("replication/comparison").ToString(), new Dictionary<string, object?>
        {
            ["run"] = Report?.Shown?.Id,
            ["kind"] = kind?.ToString(),
            ["cause"] = cause?.ToString(),
            ["after"] = after,
            ["before"] = before,
        });

    private string CsvHref(long id) =>
        navigation.GetUriWithQueryParameters(navigation.ToAbsoluteUri($"replication/comparison/{id}.csv").ToString(), new Dictionary<string, object?>
        {
            ["kind"] = KindFilter?.ToString(),
            ["cause"] = CauseFilter?.ToString(),
        });
}
