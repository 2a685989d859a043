using Npgsql;

namespace Portal.Data.Demo;

/// <summary>Adds each plan once, whichever batch comes to need it first, and knows its number.</summary>
internal sealed class DemoOptionsTable(NpgsqlDataSource newDatabase) : IDisposable
{
    private readonly SemaphoreSlim oneAtATime = new(1);
    private readonly Dictionary<DemoOptions, long> ids = [];

    /// <summary>The numbers of the plans of these timesheets; those that are new are committed on return.</summary>
    public async Task<IReadOnlyDictionary<DemoOptions, long>> IdsAsync(
        IReadOnlyCollection<DemoTimesheet> batch, CancellationToken cancellation)
    {
        await oneAtATime.WaitAsync(cancellation);
        try
        {
            var missing = batch.Select(t => t.Options).Distinct().Where(o => !ids.ContainsKey(o)).ToArray();
            await AddAsync(missing, cancellation);
            return batch.Select(t => t.Options).Distinct().ToDictionary(o => o, o => ids[o]);
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    public void Dispose() => oneAtATime.Dispose();

    private async Task AddAsync(DemoOptions[] missing, CancellationToken cancellation)
    {
        if (missing.Length == 0)
        {
            return;
        }

        await using var connection = await newDatabase.OpenConnectionAsync(cancellation);
        var reserved = await connection.ReserveAsync("public.timesheet_options", missing.Length, cancellation);
        await connection.CopyAsync(
            "public.timesheet_options (id, hospital_id, unit, planned_start, planned_end, planned_break_minutes, hourly_rate, currency)",
            missing.Select((o, i) => new object?[]
            {
                reserved[i], o.HospitalId, o.Unit, o.Planned.Start, o.Planned.End, o.Planned.BreakMinutes, o.HourlyRate, o.Currency,
            }),
            cancellation);
        foreach (var (options, id) in missing.Zip(reserved))
        {
            ids.Add(options, id);
        }
    }
}
