namespace Portal.Bench;

internal enum Verdict
{
    Met,
    Missed,

    /// <summary>Measured too briefly to tell, or not at all.</summary>
    NotJudged,
}

/// <summary>One row of the table.</summary>
/// <param name="Work">What was done.</param>
/// <param name="None">How it went without replication, for people; empty when it says nothing there.</param>
/// <param name="Article">With the article's trigger.</param>
/// <param name="Engine">With the engine.</param>
/// <param name="Target">What the engine is to reach.</param>
/// <param name="Measured">The same as numbers, with every round's.</param>
internal sealed record Figure(string Work, string None, string Article, string Engine, string Target, Verdict Verdict, object Measured);

/// <summary>What a measurement works with.</summary>
internal sealed record Bench(Servers Servers, Clients Clients, Scale Scale, CancellationToken Cancel)
{
    /// <summary>Measures the variants in turns, so that whatever else the machine does hits all of them. If speed is judged,
    /// one round more comes first and is not counted.</summary>
    public async Task<Rounds<T>> RoundsAsync<T>(IReadOnlyList<Variant> variants, Func<Variant, Task<T>> measure)
    {
        var results = variants.ToDictionary(v => v, _ => new List<T>());
        for (var round = Scale.JudgesSpeed ? 0 : 1; round <= Scale.Rounds; round++)
        {
            for (var turn = 0; turn < variants.Count; turn++)
            {
                var variant = variants[(round + turn) % variants.Count];
                var result = await measure(variant);
                if (round > 0)
                {
                    results[variant].Add(result);
                }
            }
        }

        return new Rounds<T>(results);
    }

    public Verdict Judge(bool met, bool isSpeed = true) =>
        isSpeed && !Scale.JudgesSpeed ? Verdict.NotJudged : met ? Verdict.Met : Verdict.Missed;
}

/// <summary>What was measured in each round, by variant.</summary>
internal sealed class Rounds<T>(IReadOnlyDictionary<Variant, List<T>> results)
{
    public IReadOnlyList<T> Of(Variant variant) => results[variant];

    /// <summary>The middle one of all rounds.</summary>
    public double Median(Variant variant, Func<T, double> value) => Statistics.Median(results[variant].Select(value));

    /// <summary>The middle one of the rounds' ratios: what slowed down a whole round does not count.</summary>
    public double Ratio(Variant variant, Variant to, Func<T, double> value) =>
        Statistics.Median(results[variant].Zip(results[to], (a, b) => value(a) / value(b)));

    /// <summary>All rounds' values by the variants' names, for the JSON.</summary>
    public IReadOnlyDictionary<string, IEnumerable<double>> Numbers(Func<T, double> value) =>
        results.ToDictionary(r => r.Key.Name, r => r.Value.Select(v => Math.Round(value(v), 3)));
}

internal static class Statistics
{
    public static double Median(IEnumerable<double> values) => Quantile(values, 0.5);

    public static double Quantile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        var at = share * (sorted.Length - 1);
        var (low, high) = (sorted[(int)Math.Floor(at)], sorted[(int)Math.Ceiling(at)]);
        return low + (high - low) * (at - Math.Floor(at));
    }
}
