using MudBlazor;
using Portal.Data.Accounts;
using Portal.Data.Replication;
using Portal.Data.Replication.Backfill;
using Portal.Web.Accounts;

namespace Portal.Web.Replication;

/// <summary>How far the taking over of old rows is, its switch, and the rows that did not fit.</summary>
public sealed partial class Backfill(BackfillService backfill, CurrentCaller caller, ISnackbar snackbar, TimeProvider time)
    : LiveReportPage<BackfillReport>(caller, time)
{
    private static readonly decimal[] Shares = [1, 0.5m, 0.25m, 0.1m];

    private bool acting;

    protected override TimeSpan Interval => TimeSpan.FromSeconds(2);

    protected override Task<Answer<BackfillReport>> Ask(Caller? by, CancellationToken cancel) => backfill.Read(by, cancel);

    private async Task Run(bool? run, decimal? share = null)
    {
        // A press right after another share was chosen is meant.
        acting = run is not null;
        try
        {
            var answer = await AskAsCaller(by => backfill.Run(by, run, share));
            if (answer.Trouble is { } trouble)
            {
                snackbar.Add(ReplicationWords.Failed(trouble), Severity.Error);
            }
        }
        finally
        {
            acting = false;
        }

        await Load();
    }

    private static Tone Tone(BackfillReport report) => report switch
    {
        { Error: not null } => Replication.Tone.Bad,
        { CaughtUp: true } or { OldIsRight: false } => Replication.Tone.Good,
        { Running: false } => Replication.Tone.Warning,
        _ => Replication.Tone.Neutral,
    };
}
