using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Tests.Replication.Faults;

/// <summary>Time of a run, in ticks.</summary>
internal sealed class Clock
{
    private readonly Stopwatch watch = Stopwatch.StartNew();

    public long Now => watch.Elapsed.Ticks;
}

/// <summary>Every transaction that failed, and whether it may.</summary>
internal sealed class Failures(Clock clock)
{
    private readonly ConcurrentQueue<(FaultKind Kind, long From, long To)> faults = [];
    private readonly ConcurrentQueue<Failure> failures = [];
    private long succeeded;
    private long longest;

    public long Succeeded() => Interlocked.Read(ref succeeded);

    /// <summary>Those in which the link broke between the remote COMMIT and its answer.</summary>
    public int InCommitWindow => failures.Count(f => f.Kind == FailureKind.CommitWindow);

    public void Happened(FaultKind kind, long from) => faults.Enqueue((kind, from, clock.Now));

    public void Succeeded(long from)
    {
        Interlocked.Increment(ref succeeded);
        var took = clock.Now - from;
        for (var seen = Interlocked.Read(ref longest); took > seen; seen = Interlocked.Read(ref longest))
        {
            Interlocked.CompareExchange(ref longest, took, seen);
        }
    }

    public void Refused(PostgresException refusal, Operation operation, long from, long to) =>
        failures.Enqueue(new Failure(KindOf(refusal, operation), $"{refusal.SqlState}: {refusal.MessageText} {refusal.Detail} {refusal.Where}", from, to));

    public void Broken(Exception broken, bool isCommitting, long from, long to) =>
        failures.Enqueue(new Failure(isCommitting ? FailureKind.OutcomeUnknown : FailureKind.Broken, $"{broken.Message} {broken.InnerException?.Message}", from, to));

    /// <summary>What should not have failed.</summary>
    public IEnumerable<string> Problems(int writers)
    {
        foreach (var failure in failures)
        {
            var isExpected = failure.Kind switch
            {
                FailureKind.Own => true,
                FailureKind.CommitWindow => faults.Any(f => FaultSchedule.IsOldSide(f.Kind) && failure.Overlaps(f.From, f.To)),
                FailureKind.Broken or FailureKind.OutcomeUnknown => faults.Any(f => FaultSchedule.IsNewServer(f.Kind) && failure.Overlaps(f.From, f.To)),
                _ => false,
            };
            if (!isExpected)
            {
                yield return $"transaction: {failure.Kind} at {Seconds(failure.From):0.000}-{Seconds(failure.To):0.000} s: {failure.Text}";
            }
        }

        // One fault meets each session at most once in its commit.
        var most = writers * faults.Count(f => FaultSchedule.IsOldSide(f.Kind));
        if (InCommitWindow > most)
        {
            yield return $"transaction: {InCommitWindow} failed in the commit window, which {most} could";
        }
    }

    public string Summary(bool withFaults)
    {
        var counts = failures.GroupBy(f => (f.Kind, Text: f.Kind == FailureKind.Own ? f.Text[..5] : Shorten(f.Text)))
            .OrderBy(f => f.Key.Kind).Select(f => $"  {f.Key.Kind,-14} {f.Count(),5} x {f.Key.Text}");
        var happened = faults.Select(f => $"  fault {Seconds(f.From),7:0.000}-{Seconds(f.To),7:0.000} s {f.Kind}");
        return string.Join('\n',
        [
            $"  {Succeeded()} transactions succeeded, the longest took {Seconds(longest):0.00} s; {faults.Count} faults",
            .. counts,
            .. withFaults ? happened : [],
        ]);
    }

    private static double Seconds(long at) => TimeSpan.FromTicks(at).TotalSeconds;

    private static string Shorten(string text) => text.ReplaceLineEndings(" ") is var line && line.Length > 150 ? line[..150] : line;

    private static FailureKind KindOf(PostgresException refusal, Operation operation) => refusal switch
    {
        // What fails inside the flush has its functions in its context.
        _ when RepeatRolledBack.IsRolledBack(refusal) && refusal.Where?.Contains("PL/pgSQL", StringComparison.Ordinal) != true => FailureKind.CommitWindow,
        _ when IsOfOldSide(refusal) => FailureKind.OldSide,
        { SqlState: PostgresErrorCodes.SerializationFailure } when operation.Isolation is not null and not "read committed" => FailureKind.Own,
        _ when refusal.SqlState.StartsWith("23", StringComparison.Ordinal) => FailureKind.Own,
        { SqlState: PostgresErrorCodes.DeadlockDetected } when refusal.Detail?.Contains("advisory", StringComparison.Ordinal) == true => FailureKind.Deadlock,
        { SqlState: PostgresErrorCodes.DeadlockDetected } => FailureKind.Own,
        _ => FailureKind.Unexpected,
    };

    private static bool IsOfOldSide(PostgresException refusal) =>
        refusal.Where?.Contains("remote SQL command", StringComparison.Ordinal) == true
        || refusal.MessageText.Contains("timesheet_old_server", StringComparison.Ordinal)
        || refusal.SqlState.StartsWith("08", StringComparison.Ordinal)
        || refusal.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled;

    private enum FailureKind
    {
        /// <summary>The new database itself refused it: a constraint, rows that two want in turn, or a serialization failure at
        /// a level that has them.</summary>
        Own,
        CommitWindow,
        OutcomeUnknown,
        Broken,

        /// <summary>A lock of the replication's was part of it.</summary>
        Deadlock,
        OldSide,
        Unexpected,
    }

    private sealed record Failure(FailureKind Kind, string Text, long From, long To)
    {
        public bool Overlaps(long from, long to) => From <= to && To >= from;
    }
}
