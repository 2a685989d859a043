using MudBlazor;
using Portal.Data.Replication;
using Portal.Data.Replication.Comparing;

namespace Portal.Web.Replication;

/// <summary>The colour of a statement. Never the only sign: an icon and words say the same.</summary>
public enum Tone
{
    Good,
    Warning,
    Bad,
    Neutral,
}

internal static class Tones
{
    public static Tone Of(ReplicationReport report) => report.State switch
    {
        ReplicationState.InStep or ReplicationState.Retired => Tone.Good,
        ReplicationState.AtRisk or ReplicationState.CatchingUp => Tone.Warning,
        // Nothing is lost as long as every change is kept.
        ReplicationState.Unknown when report is { Old.Reachable: false, KeepsEveryChange: true } => Tone.Warning,
        ReplicationState.TakingOver => Tone.Neutral,
        // It is being found out.
        ReplicationState.Unknown when report is { Old.Reachable: true, ComparisonTrouble: null } =>
            report.Outbox.VerifiedDifferences > 0 ? Tone.Warning : Tone.Neutral,
        _ => Tone.Bad,
    };

    public static Tone Of(Difference difference) => difference switch
    {
        Difference.Same => Tone.Good,
        Difference.Different => Tone.Warning,
        _ => Tone.Bad,
    };

    public static Tone Of(ComparisonRun run) => run switch
    {
        { State: ComparisonState.Failed } => Tone.Bad,
        { Differences: > 0 } => Tone.Warning,
        { State: ComparisonState.Finished } => Tone.Good,
        _ => Tone.Neutral,
    };

    public static Tone Of(ReplicationTrigger trigger) => trigger switch
    {
        { Fires: true } => Tone.Good,
        { IsOurs: true } => Tone.Bad,
        _ => Tone.Neutral,
    };

    public static Tone Of(TriggerFinding finding) => finding is TriggerFinding.Unknown or TriggerFinding.Firing ? Tone.Warning : Tone.Bad;

    public static string Icon(Tone tone) => tone switch
    {
        Tone.Good => Icons.Material.Rounded.CheckCircle,
        Tone.Warning => Icons.Material.Rounded.Warning,
        Tone.Bad => Icons.Material.Rounded.Error,
        _ => Icons.Material.Rounded.Info,
    };

#pragma warning disable CA1308 // A CSS class, lower case by custom.
    public static string Css(Tone tone) => $"tone-{tone.ToString().ToLowerInvariant()}";
#pragma warning restore CA1308
}
