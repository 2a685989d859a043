using Portal.Data.Replication.Backfill;
using Portal.Data.Replication.Comparing;
using Portal.Web.Replication;

namespace Portal.Web.Commands;

/// <summary>One line of a terminal that says how far something is; nothing where nobody looks on.</summary>
internal sealed class ProgressLine(TextWriter errors) : IDisposable
{
    private readonly bool isSeen = !Console.IsErrorRedirected && ReferenceEquals(errors, Console.Error);
    private int shown;

    public void Show(ComparisonRun run) => Show(ReplicationWords.Progress(run));

    public void Show(BackfillReport report) => Show(BackfillWords.Progress(report));

    public void Show(Repair repair) => Show(ReplicationWords.Progress(repair));

    private void Show(string text)
    {
        if (isSeen)
        {
            errors.Write($"\r{text.PadRight(shown)}");
            shown = text.Length;
        }
    }

    public void Dispose()
    {
        if (shown > 0)
        {
            errors.Write($"\r{new string(' ', shown)}\r");
            shown = 0;
        }
    }
}
