namespace Portal.Tests.Replication.Faults;

/// <summary>What is done to the servers, the link between them, and the worker.</summary>
internal enum FaultKind
{
    KillOld,
    CrashOld,
    StopOld,
    StopOldMain,
    CutLink,
    StallLink,
    StallQuestions,
    StallAnswers,
    CutBeforeCommit,
    CutBeforeAnswer,
    KillNew,
    CrashNew,
    KillWorker,
    Queued,
    Paused,
}

/// <summary>One fault.</summary>
/// <param name="Rest">How long after the end of the one before it.</param>
/// <param name="Lasts">Until it is mended.</param>
internal sealed record Fault(FaultKind Kind, TimeSpan Rest, TimeSpan Lasts);

/// <summary>All faults of a run, decided by its seed. Those of one lane follow one another; lanes overlap.</summary>
internal sealed record FaultSchedule(IReadOnlyList<IReadOnlyList<Fault>> Lanes)
{
    /// <summary>No faults at all.</summary>
    public static FaultSchedule Calm { get; } = new([]);

    // What keeps the new server from writing the old one; of these one at a time.
    private static readonly FaultKind[] OldSide =
    [
        FaultKind.KillOld, FaultKind.CrashOld, FaultKind.StopOld, FaultKind.StopOldMain, FaultKind.CutLink, FaultKind.StallLink,
        FaultKind.StallQuestions, FaultKind.StallAnswers,
    ];

    private static readonly FaultKind[] Commits = [FaultKind.CutBeforeCommit, FaultKind.CutBeforeAnswer];

    private static readonly FaultKind[] NewSide = [FaultKind.KillNew, FaultKind.CrashNew, FaultKind.KillWorker, FaultKind.Queued, FaultKind.Paused];

    /// <summary>Whether a commit may fail because of it.</summary>
    public static bool IsOldSide(FaultKind kind) => OldSide.Contains(kind) || Commits.Contains(kind);

    /// <summary>Whether the connection to the new database may break because of it.</summary>
    public static bool IsNewServer(FaultKind kind) => kind is FaultKind.KillNew or FaultKind.CrashNew;

    public static FaultSchedule Of(int seed, TimeSpan length) => new(
    [
        Lane(new Random(seed), OldSide, length),
        Lane(new Random(seed + 1), Commits, length),
        Lane(new Random(seed + 2), NewSide, length),
    ]);

    /// <summary>The same kinds over and over.</summary>
    public static FaultSchedule Only(int seed, TimeSpan length, params FaultKind[] kinds) => new([Lane(new Random(seed), kinds, length)]);

    private static List<Fault> Lane(Random random, FaultKind[] kinds, TimeSpan length)
    {
        var lane = new List<Fault>();
        var at = TimeSpan.Zero;
        while (true)
        {
            // All kinds before one comes again.
            foreach (var kind in Shuffled(random, kinds))
            {
                var fault = new Fault(
                    kind, TimeSpan.FromMilliseconds(random.Next(200, 1500)), TimeSpan.FromMilliseconds(random.Next(50, Longest(kind))));
                at += fault.Rest + fault.Lasts;
                if (at > length)
                {
                    return lane;
                }

                lane.Add(fault);
            }
        }
    }

    private static FaultKind[] Shuffled(Random random, FaultKind[] kinds)
    {
        FaultKind[] shuffled = [.. kinds];
        random.Shuffle(shuffled);
        return shuffled;
    }

    // What hangs lasts longer than what waits for it is ready to wait.
    private static int Longest(FaultKind kind) => kind switch
    {
        FaultKind.StopOld or FaultKind.StopOldMain or FaultKind.StallLink or FaultKind.StallQuestions or FaultKind.StallAnswers => 3500,
        _ => 1000,
    };
}
