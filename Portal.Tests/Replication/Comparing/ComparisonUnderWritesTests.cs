using System.Globalization;
using Npgsql;
using Portal.Data.Databases;
using Portal.Data.Replication.Comparing;
using Portal.Tests.Replication.Faults;
using Portal.Tests.Support;

namespace Portal.Tests.Replication.Comparing;

/// <summary>Comparisons, one after the other, while eight sessions write all they can. PORTAL_COMPARE_SECONDS says how long.</summary>
[EveryPostgres]
public sealed class ComparisonUnderWritesTests(ITestOutputHelper output)
{
    private const int Writers = 8;

    private static readonly TimeSpan _length = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("PORTAL_COMPARE_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 4);

    [Theory]
    [InlineData("synchronous")]
    [InlineData("queued")]
    public async Task No_row_that_is_just_being_written_is_taken_for_a_difference(string mode)
    {
        var seed = Random.Shared.Next(1_000_000);
        await using var scene = await FaultScene.OnSharedServersAsync();
        await scene.NewAsync($"select replication.set_mode('{mode}', 'Ada')");
        var clock = new Clock();
        await using var workers = new FaultWorkers(scene, new WorkerLog(clock));
        await workers.StartAsync();
        var failures = new Failures(clock);
        var writers = new Writers(scene.Settings, seed, Writers, new Histories(), failures, clock);
        await using var fresh = DatabaseServices.DataSource(scene.Settings.Portal.New);
        await using var old = DatabaseServices.DataSource(scene.Settings.Portal.Old);
        var writing = writers.RunAsync();

        // Until rows were met in the middle of being written: otherwise nothing was tried.
        var (comparisons, passing) = (0, 0L);
        List<FoundDifference> found = [];
        while (clock.Now < _length.Ticks || passing == 0)
        {
            passing += await CompareAsync(fresh, old, found);
            comparisons++;
        }

        writers.Stop();
        await writing;
        output.WriteLine($"Seed {seed}: {comparisons} comparisons beside {failures.Succeeded()} transactions; {passing} rows differed at the first look only.");
        found.Select(d => (d.Key, d.Kind, d.Cause)).ShouldBeEmpty($"seed {seed}");
    }

    private static async Task<long> CompareAsync(NpgsqlDataSource fresh, NpgsqlDataSource old, List<FoundDifference> found)
    {
        var cancel = TestContext.Current.CancellationToken;
        var table = await ComparedTable.Read(ComparedTable.Timesheets, fresh, old, cancel);
        var comparison = new ChunkComparison(
            table, new SecondLook(table, fresh, old, TimeProvider.System), ComparisonLoad.Full, TimeProvider.System, new ChunkSize(10, 5));
        var passing = 0L;
        await foreach (var step in comparison.Run(null, Keep, cancel))
        {
            passing += step.Passing;
        }

        return passing;

        Task Keep(IReadOnlyList<FoundDifference> differences)
        {
            found.AddRange(differences);
            return Task.CompletedTask;
        }
    }
}
