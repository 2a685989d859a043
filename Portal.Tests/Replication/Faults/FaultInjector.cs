using System.Diagnostics;
using Npgsql;
using Portal.Tests.Support;

namespace Portal.Tests.Replication.Faults;

/// <summary>Does what a schedule says, and mends it again.</summary>
internal sealed class FaultInjector(FaultScene scene, FaultWorkers workers, Failures failures, Clock clock)
{
    private readonly int port = scene.Link.Port;
    private bool lacksWorker;

    /// <param name="end">No fault begins later.</param>
    public Task RunAsync(FaultSchedule schedule, long end) =>
        Task.WhenAll(schedule.Lanes.Select(lane => Task.Run(() => RunAsync(lane, end))));

    private FaultServers Servers => scene.Servers ?? throw new InvalidOperationException("Servers shared with other tests are not killed.");

    private async Task RunAsync(IEnumerable<Fault> lane, long end)
    {
        foreach (var fault in lane)
        {
            await Task.Delay(fault.Rest);
            if (clock.Now > end)
            {
                return;
            }

            var from = clock.Now;
            await BeginAsync(fault.Kind);
            await Task.Delay(fault.Lasts);
            await EndAsync(fault.Kind);
            failures.Happened(fault.Kind, from);
        }
    }

    private async Task BeginAsync(FaultKind kind)
    {
        switch (kind)
        {
            case FaultKind.KillOld:
                Servers.Old.Kill();
                break;
            case FaultKind.CrashOld:
                Servers.Old.Crash();
                break;
            case FaultKind.StopOld or FaultKind.StopOldMain:
                Servers.Old.Stop(onlyMain: kind == FaultKind.StopOldMain);
                break;
            case FaultKind.CutLink:
                scene.Link.Stop();
                break;
            case FaultKind.StallLink or FaultKind.StallQuestions or FaultKind.StallAnswers:
                scene.Link.Hang(questions: kind != FaultKind.StallAnswers, answers: kind != FaultKind.StallQuestions);
                break;
            case FaultKind.CutBeforeCommit:
                scene.Link.NextCommit = CommitCut.BeforeItArrives;
                break;
            case FaultKind.CutBeforeAnswer:
                scene.Link.NextCommit = CommitCut.BeforeTheAnswer;
                break;
            case FaultKind.KillNew:
                Servers.New.Kill();
                break;
            case FaultKind.CrashNew:
                Servers.New.Crash();
                break;
            case FaultKind.KillWorker:
                lacksWorker = await workers.KillAsync();
                break;
            case FaultKind.Queued or FaultKind.Paused:
                await SetModeAsync(kind == FaultKind.Queued ? "queued" : "paused");
                break;
        }
    }

    private async Task EndAsync(FaultKind kind)
    {
        switch (kind)
        {
            case FaultKind.KillOld:
                await Servers.Old.StartAsync();
                break;
            case FaultKind.StopOld or FaultKind.StopOldMain:
                Servers.Old.Continue();
                break;
            case FaultKind.CutLink:
                scene.Link.Start(port);
                break;
            case FaultKind.StallLink or FaultKind.StallQuestions or FaultKind.StallAnswers:
                scene.Link.Resume();
                break;
            case FaultKind.CutBeforeCommit or FaultKind.CutBeforeAnswer:
                scene.Link.NextCommit = CommitCut.None;
                break;
            case FaultKind.KillNew:
                await Servers.New.StartAsync();
                break;
            case FaultKind.CrashNew:
                // It comes back by itself.
                await SetModeAsync("synchronous");
                break;
            case FaultKind.KillWorker when lacksWorker:
                await workers.StartAsync();
                break;
            case FaultKind.Queued or FaultKind.Paused:
                await SetModeAsync("synchronous");
                break;
        }
    }

    private async Task SetModeAsync(string mode)
    {
        for (var since = Stopwatch.StartNew(); ;)
        {
            try
            {
                await scene.NewAsync($"select replication.set_mode('{mode}', 'fault run')");
                return;
            }
            catch (NpgsqlException) when (since.Elapsed < Patience.Length)
            {
                // The new server is just coming back.
                await Task.Delay(50);
            }
        }
    }
}
