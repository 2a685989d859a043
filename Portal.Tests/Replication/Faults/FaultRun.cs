using System.Diagnostics;
using Portal.Tests.Support;

namespace Portal.Tests.Replication.Faults;

/// <summary>A run: writers and faults at once, then everything heals and is looked at. One seed decides both.</summary>
internal sealed record FaultRun(int Seed, TimeSpan Length, FaultSchedule Schedule)
{
    private const int WriterCount = 8;

    /// <summary>How many portals run their worker.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>What is changed in the new database before the run, to see that the run notices.</summary>
    public string? Sabotage { get; init; }

    /// <summary>What is done after it, before it is looked at.</summary>
    public Func<FaultScene, Task> LastAct { get; init; } = _ => Task.CompletedTask;

    /// <summary>How many transactions there are to be, if that takes longer than <see cref="Length"/>.</summary>
    public int AtLeast { get; init; }

    /// <summary>How long the outbox may take to run empty.</summary>
    public TimeSpan UntilEmpty { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after that old may differ from new.</summary>
    public TimeSpan UntilEqual { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Tells of every fault and of what the workers said, also if all is well.</summary>
    public bool TellsAll { get; init; }

    /// <summary>With every fault there is.</summary>
    public static FaultRun Of(int seed, TimeSpan length) => new(seed, length, FaultSchedule.Of(seed, length));

    public async Task<FaultReport> RunAsync(FaultScene scene)
    {
        var (clock, histories) = (new Clock(), new Histories());
        var (failures, log) = (new Failures(clock), new WorkerLog(clock));
        if (Sabotage is not null)
        {
            await scene.NewAsync("set role portal_owner;" + Sabotage);
        }

        await Checker.BeginAsync(scene, histories);
        await using var workers = new FaultWorkers(scene, log);
        for (var worker = 0; worker < Workers; worker++)
        {
            await workers.StartAsync();
        }

        var writers = new Writers(scene.Settings, Seed, WriterCount, histories, failures, clock);
        var (writing, direct) = (writers.RunAsync(), new LinkShare(scene, log));
        // A fault before anybody writes would meet nobody.
        await SucceededAsync(failures, 1);
        var end = clock.Now + Length.Ticks;
        await Task.WhenAll(new FaultInjector(scene, workers, failures, clock).RunAsync(Schedule, end), direct.WatchAsync(clock, end));
        await SucceededAsync(failures, AtLeast);
        writers.Stop();
        List<string> problems = [];
        if (failures.Succeeded() < AtLeast)
        {
            problems.Add($"Fewer than {AtLeast} transactions had succeeded a minute after the last fault.");
        }

        try
        {
            await writing.WaitAsync(TimeSpan.FromMinutes(1));
        }
        catch (TimeoutException)
        {
            problems.Add("writers still wait a minute after everything was healed");
        }

        await LastAct(scene);
        var (emptied, equal, found) = await Checker.CheckAsync(scene, histories, UntilEmpty, UntilEqual);
        problems.AddRange([.. failures.Problems(WriterCount), .. found]);
        var said = TellsAll || problems.Count > 0 ? string.Join('\n', log.Lines) : "";
        return new FaultReport(
            Seed, Length, problems, failures.InCommitWindow,
            $"{failures.Summary(withFaults: TellsAll || problems.Count > 0)}\n  {histories.Count} writes, {direct.Share:0 %} of the time the old database was written at commit; outbox empty after {emptied.TotalSeconds:0.0} s, equal {equal.TotalSeconds:0.0} s later\n{said}");
    }

    /// <summary>Waits for so many, for a minute at most.</summary>
    private static async Task SucceededAsync(Failures failures, int transactions)
    {
        for (var since = Stopwatch.StartNew(); failures.Succeeded() < transactions && since.Elapsed < Patience.Length;)
        {
            await Task.Delay(50);
        }
    }
}

/// <param name="Problems">What should not have happened.</param>
/// <param name="InCommitWindow">Transactions that failed because their link broke in the moment of the commit.</param>
internal sealed record FaultReport(int Seed, TimeSpan Length, IReadOnlyList<string> Problems, int InCommitWindow, string Summary)
{
    public override string ToString() =>
        $"Fault run with seed {Seed}, {Length.TotalSeconds:0} s (again: PORTAL_FAULT_SEED={Seed} PORTAL_FAULT_SECONDS={Length.TotalSeconds:0}): "
        + (Problems.Count == 0 ? "passed" : $"{Problems.Count} problems")
        + $", {InCommitWindow} failed in the commit window\n{Summary}\n{string.Join('\n', Problems.Take(40).Select(p => "  PROBLEM " + p))}";
}
