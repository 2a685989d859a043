using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Data.Timesheets;

namespace Portal.Web.Timesheets;

/// <summary>The fields of a claim. Keeps nothing itself: every change goes to the editor, which reads it and hands back the problems.</summary>
public partial class ClaimForm
{
    private static readonly Dictionary<string, object?> BreakSteps = new() { ["min"] = "0", ["step"] = "5", ["inputmode"] = "numeric" };

    private readonly HashSet<ClaimField> touched = [];
    private ClaimEntry entry = new();
    private MudTextField<string>? date;
    private MudTextField<string>? start;
    private MudTextField<string>? end;
    private MudTextField<string>? minutes;
    private MudTextField<string>? reason;

    [Parameter, EditorRequired]
    public required ClaimInput Input { get; set; }

    /// <summary>What the input comes to.</summary>
    [Parameter, EditorRequired]
    public required ClaimReading Reading { get; set; }

    /// <summary>What is wrong with it.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<ClaimProblem> Problems { get; set; } = [];

    [Parameter]
    public Claim? Planned { get; set; }

    /// <summary>Also shows what is wrong with fields not touched yet: after an attempt to save.</summary>
    [Parameter]
    public bool ShowAll { get; set; }

    /// <summary>A field was changed.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    private bool AsksForReason =>
        Planned is null || Reading.Claim?.DiffersFrom(Planned) is true || (Reading.Claim is null && Input.Reason.Length > 0) || Has(ClaimField.Reason);

    /// <summary>Takes the keyboard to the first field that needs another value.</summary>
    public async Task FocusProblemAsync()
    {
        MudTextField<string>? field = Problems.Select(p => p.Field).Order().FirstOrDefault() switch
        {
            ClaimField.Date => date,
            ClaimField.Start => start,
            ClaimField.End => end,
            ClaimField.Break => minutes,
            _ => reason,
        };
        if (field is not null)
        {
            await field.FocusAsync();
        }
    }

    protected override void OnParametersSet() => entry = Input.ToEntry();

    // A wrong time is a matter of start and end together, so either of them touched shows it.
    private string? Message(ClaimField field) =>
        ShowAll || touched.Contains(field) || (field == ClaimField.End && touched.Contains(ClaimField.Start) && Input.End.Length > 0)
            ? Problems.FirstOrDefault(p => p.Field == field)?.Message
            : null;

    private bool Has(ClaimField field) => Message(field) is not null;

    private Task Change(ClaimField field, Action set)
    {
        touched.Add(field);
        set();
        return Changed.InvokeAsync();
    }

    // Said as the rule has it anyway, the rule goes on: the box follows when the times change.
    private Task SayNextDay(bool said) => Change(ClaimField.End, () =>
    {
        Input.EndsNextDay = null;
        Input.EndsNextDay = Input.ToEntry().EndsOnNextDay == said ? null : said;
    });
}
