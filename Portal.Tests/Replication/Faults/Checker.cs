using System.Diagnostics;

namespace Portal.Tests.Replication.Faults;

/// <summary>What a run has come to, once everything is healed.</summary>
internal static class Checker
{
    /// <summary>Notes the rows as they were before the writers came.</summary>
    public static async Task BeginAsync(FaultScene scene, Histories histories)
    {
        var ending = new Ending { Outcome = Outcome.Acknowledged };
        var rows = await NewRows.ReadAsync(scene);
        histories.Add(rows.Cells().Select(c => new Write(c.Key, c.Value, 0, IsUnique: false, ending)));
        // A timesheet that comes later is not paid.
        histories.Add(Enumerable.Range(1, Operations.Timesheets + 60).Select(id => new Write(new Cell("paid", id), "false", 0, false, ending)));
    }

    /// <param name="untilEmpty">How long the outbox may take to run empty.</param>
    /// <param name="untilEqual">How long after that they may differ.</param>
    /// <returns>How long it took, and what is wrong.</returns>
    public static async Task<(TimeSpan Emptied, TimeSpan Equal, List<string> Problems)> CheckAsync(
        FaultScene scene, Histories histories, TimeSpan untilEmpty, TimeSpan untilEqual)
    {
        var problems = new List<string>();
        var start = Stopwatch.GetTimestamp();
        if (await UntilAsync(() => WaitingAsync(scene), untilEmpty) is { Count: > 0 } waiting)
        {
            problems.AddRange(waiting.Select(w => $"outbox: {w} after {untilEmpty.TotalSeconds} s"));
        }

        var emptied = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        problems.AddRange((await UntilAsync(() => DifferencesAsync(scene), untilEqual)).Select(d => $"replication.compare: {d}"));
        var equal = Stopwatch.GetElapsedTime(start);

        var rows = await NewRows.ReadAsync(scene);
        problems.AddRange(Differences(rows.AsOldRows(), await OldRow.ReadAsync(scene)).Select(d => $"own comparison: {d}"));
        problems.AddRange(histories.Contradictions(rows.Cells()).Select(c => $"histories: {c}"));
        return (emptied, equal, problems);
    }

    private static async Task<List<string>> UntilAsync(Func<Task<List<string>>> problems, TimeSpan patience)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var found = await problems();
            if (found.Count == 0 || Stopwatch.GetElapsedTime(start) > patience)
            {
                return found;
            }

            await Task.Delay(50);
        }
    }

    private static async Task<List<string>> WaitingAsync(FaultScene scene) =>
        [.. (await scene.NewAsync(
            """
            select c.breaker = 'closed' and not exists (select from replication.outbox),
                   format('breaker %s since %s, %s keys in the outbox, last error %s %s', c.breaker, c.breaker_since,
                          (select sum(cardinality(keys)) from replication.outbox), c.error_code, c.error_message)
              from replication.control c
            """, r => (IsEmpty: r.GetBoolean(0), Text: r.GetString(1)))).Where(s => !s.IsEmpty).Select(s => s.Text)];

    private static async Task<List<string>> DifferencesAsync(FaultScene scene) =>
        [.. await scene.NewAsync("select format('%s is %s: %s is to be %s', id, difference, old_row, new_row) from replication.compare()", r => r.GetString(0)),
            .. await scene.NewAsync("select format('%s is set aside: %s', key, message) from replication.set_aside", r => r.GetString(0))];

    private static IEnumerable<string> Differences(Dictionary<long, OldRow> wanted, Dictionary<long, OldRow> found) =>
        from id in wanted.Keys.Union(found.Keys).Order()
        let want = wanted.GetValueOrDefault(id)
        let have = found.GetValueOrDefault(id)
        where want != have
        select $"{id}: {have} is to be {want}";
}
