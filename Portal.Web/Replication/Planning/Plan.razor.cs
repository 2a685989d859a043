using Microsoft.AspNetCore.Components;
using MudBlazor;
using NodaTime;
using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Data.Replication.Planning;
using Portal.Web.Accounts;

namespace Portal.Web.Replication.Planning;

/// <summary>The steps of the migration with their conditions, who still uses the old database, and the acts on all of it.</summary>
public sealed partial class Plan(PlanService plans, CurrentCaller caller, IDialogService dialogs, ISnackbar snackbar, TimeProvider time)
    : LiveReportPage<PlanReport>(caller, time)
{
    private bool acting;
    private string serverName = "";

    protected override TimeSpan Interval => TimeSpan.FromSeconds(10);

    // Text, because an address can hold anything.
    [SupplyParameterFromQuery(Name = "readers")]
    private string? Readers { get; set; }

    private int ReadersPage => int.TryParse(Readers, out var number) && number is > 0 and < 1_000_000 ? number : 1;

    // The first look comes after the page is drawn; this is for a change of the address.
    protected override Task OnParametersSetAsync() => Report is null ? Task.CompletedTask : Load();

    protected override Task<Answer<PlanReport>> Ask(Caller? by, CancellationToken cancel) => plans.Read(by, ReadersPage, cancel);

    private Task Take(PlanStep step) => Act(async () =>
    {
        serverName = "";
        var (name, outcome) = (PlanRules.Name(step.Name), (PlanOutcome?)null);
        var retires = step.Name == PlanStepName.Retire;
        if (step.Holds && !retires)
        {
            if (await dialogs.ShowMessageBoxAsync($"Take “{name}”?", $"{PlanWords.Consequence(step)} Your name is noted.", yesText: "Take it", cancelText: "Cancel") is true)
            {
                var answer = await AskAsCaller(by => plans.Take(by, step.Name, null));
                Say(answer.Value, answer.Trouble);
            }

            return;
        }

        var missing = step.Conditions.Where(c => !c.Holds).ToList();
        await ReasonDialog.Ask(dialogs, new ReasonQuestion(
            step.Holds ? $"Take “{name}”?" : $"Take “{name}” all the same?",
            PlanWords.Consequence(step) + (missing.Count == 0 ? "" : $" Not so yet: {string.Join(' ', missing.Select(c => $"{c.Condition}: {c.Figure}."))}"),
            retires ? "Retire for good" : "Take it all the same",
            async reason =>
            {
                var answer = await AskAsCaller(by => plans.Take(by, step.Name, reason, serverName.Trim(), known: [.. missing.Select(c => c.Condition)]));
                outcome = answer.Value;
                return answer.Trouble ?? NotDone(outcome);
            },
            IsGrave: true,
            More: retires ? ServerName : null));
        Say(outcome is { Done: true } ? outcome : null, null);
    });

    private Task Undo(PlanStep step) => Act(async () =>
    {
        PlanOutcome? outcome = null;
        await ReasonDialog.Ask(dialogs, new ReasonQuestion(
            $"Undo “{PlanRules.Name(step.Name)}”?", PlanWords.Undoing(step.Name), "Undo it",
            async reason =>
            {
                var answer = await AskAsCaller(by => plans.Undo(by, step.Name, reason));
                outcome = answer.Value;
                return answer.Trouble ?? NotDone(outcome);
            }));
        Say(outcome is { Done: true } ? outcome : null, null);
    });

    private Task SwitchGuard(bool refuse) => Act(() => ReasonDialog.Ask(dialogs, new ReasonQuestion(
        refuse ? "Refuse writes of others?" : "Let writes of others pass?",
        refuse
            ? "From the next statement on, programs that write the old database directly get an error that says what to do. The replication is not concerned."
            : "From the next statement on, writes of others are noted again instead of refused.",
        refuse ? "Refuse them" : "Let them pass",
        async reason => (await AskAsCaller(by => plans.SetGuard(by, refuse, reason))).Trouble,
        IsGrave: refuse)));

    private Task MarkReader((OldReader Reader, bool MovedOn) which) => Act(async () =>
    {
        var (reader, movedOn) = which;
        var who = PlanWords.Who(reader);
        if (movedOn)
        {
            await ReasonDialog.Ask(dialogs, new ReasonQuestion(
                "Has this reader moved on?", $"{who}. If it is seen again, it is shown as having come back.", "It has moved on",
                async note => (await AskAsCaller(by => plans.MarkReader(by, reader, true, note))).Trouble));
            return;
        }

        var answer = await AskAsCaller(by => plans.MarkReader(by, reader, false, null));
        Say(null, answer.Trouble);
    });

    private Task Set((string Name, Duration Value) setting) => Act(async () =>
        Say(null, (await AskAsCaller(by => plans.SetSetting(by, setting.Name, setting.Value))).Trouble));

    // What is pressed twice is done once.
    private async Task Act(Func<Task> act)
    {
        if (acting)
        {
            return;
        }

        acting = true;
        try
        {
            await act();
        }
        finally
        {
            acting = false;
        }

        await Load();
    }

    private void Say(PlanOutcome? outcome, Data.Replication.Trouble? trouble)
    {
        if (trouble is not null)
        {
            snackbar.Add(ReplicationWords.Failed(trouble), Severity.Error);
        }
        else if (outcome is not null)
        {
            snackbar.Add(outcome.Sentence, outcome.Done ? Severity.Success : Severity.Warning);
        }
    }

    private static Trouble? NotDone(PlanOutcome? outcome) =>
        outcome is { Done: false } ? new(TroubleKind.NewDatabase, outcome.Sentence, "") : null;

    private RenderFragment ServerName => builder =>
    {
        builder.OpenComponent<MudTextField<string>>(0);
        builder.AddComponentParameter(1, nameof(MudTextField<>.Label), "Name of the foreign server");
        builder.AddComponentParameter(2, nameof(MudTextField<>.HelperText), $"Type {ForeignServers.OldServer}, so that nobody does this by a slip.");
        builder.AddComponentParameter(3, nameof(MudTextField<>.ValueChanged), EventCallback.Factory.Create<string>(this, value => serverName = value));
        builder.AddComponentParameter(4, nameof(MudTextField<>.Immediate), true);
        builder.AddComponentParameter(5, nameof(MudTextField<>.Variant), Variant.Outlined);
        builder.AddComponentParameter(6, nameof(MudTextField<>.Class), "mb-4");
        builder.CloseComponent();
    };

    private static Tone Tone(PlanReport plan) => plan switch
    {
        { Retired: true, Leftovers.Count: > 0 } => Replication.Tone.Bad,
        { Retired: true } or { Next: { Holds: true } } => Replication.Tone.Good,
        _ => Replication.Tone.Neutral,
    };
}
