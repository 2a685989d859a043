using NodaTime;

namespace Portal.Tests.Replication.Faults;

/// <summary>All rows of the new database, read table by table, and what follows from them: said again here on purpose,
/// so that a fault of the mapping's view does not hide from the checker.</summary>
internal sealed class NewRows
{
    private sealed record Timesheet(long Id, long Worker, string Status, long Options, Instant Start, Instant End, int Break);

    private readonly List<Timesheet> timesheets;
    private readonly Dictionary<long, (long Hospital, decimal Rate)> options;
    private readonly Dictionary<long, (string Name, string TimeZone)> hospitals;
    private readonly Dictionary<long, string> workers;
    private readonly HashSet<long> paid;

    private NewRows(
        List<Timesheet> timesheets, Dictionary<long, (long, decimal)> options, Dictionary<long, (string, string)> hospitals,
        Dictionary<long, string> workers, HashSet<long> paid) =>
        (this.timesheets, this.options, this.hospitals, this.workers, this.paid) = (timesheets, options, hospitals, workers, paid);

    public static async Task<NewRows> ReadAsync(FaultScene scene) => new(
        await scene.NewAsync(
            "select id, worker_id, status, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes from timesheet_new",
            r => new Timesheet(
                r.GetInt64(0), r.GetInt64(1), r.GetString(2), r.GetInt64(3), r.GetFieldValue<Instant>(4), r.GetFieldValue<Instant>(5), r.GetInt32(6))),
        (await scene.NewAsync("select id, hospital_id, hourly_rate from timesheet_options", r => (r.GetInt64(0), (r.GetInt64(1), r.GetDecimal(2)))))
            .ToDictionary(o => o.Item1, o => o.Item2),
        (await scene.NewAsync("select id, name, time_zone from hospital", r => (r.GetInt64(0), (r.GetString(1), r.GetString(2)))))
            .ToDictionary(h => h.Item1, h => h.Item2),
        (await scene.NewAsync("select id, name from worker", r => (r.GetInt64(0), r.GetString(1)))).ToDictionary(w => w.Item1, w => w.Item2),
        [.. await scene.NewAsync("select timesheet_id from payment", r => r.GetInt64(0))]);

    /// <summary>The old rows that belong to these, in the order of the old table's columns.</summary>
    public Dictionary<long, OldRow> AsOldRows() => timesheets.ToDictionary(t => t.Id, t =>
    {
        var (hospital, rate) = options[t.Options];
        var zone = DateTimeZoneProviders.Tzdb[hospitals[hospital].TimeZone];
        var (start, end) = (t.Start.InZone(zone).LocalDateTime, t.End.InZone(zone).LocalDateTime);
        var seconds = (decimal)(t.End - t.Start).TotalSeconds - (60 * t.Break);
        return new OldRow(
            t.Id, t.Worker, hospital, t.Status, t.Status == "approved", workers[t.Worker], hospitals[hospital].Name,
            start.Date, start.TimeOfDay, end.TimeOfDay, t.Break,
            Math.Round(seconds / 3600, 2, MidpointRounding.AwayFromZero),
            Math.Round(seconds * rate / 3600, 2, MidpointRounding.AwayFromZero),
            paid.Contains(t.Id));
    });

    /// <summary>The value that each cell has now.</summary>
    public Dictionary<Cell, string> Cells()
    {
        var cells = new Dictionary<Cell, string>();
        for (var id = 1; id <= Operations.Timesheets + 60; id++)
        {
            cells[new Cell("exists", id)] = "false";
        }

        foreach (var t in timesheets)
        {
            cells[new Cell("exists", t.Id)] = "true";
            cells[new Cell("worker", t.Id)] = $"{t.Worker}";
            cells[new Cell("status", t.Id)] = t.Status;
            cells[new Cell("options", t.Id)] = $"{t.Options}";
            cells[new Cell("claim", t.Id)] = $"{(t.Start - Instant.FromUtc(2026, 1, 1, 6, 0) - Duration.FromDays(t.Id)).TotalNanoseconds / 1000:0}";
            cells[new Cell("paid", t.Id)] = paid.Contains(t.Id) ? "true" : "false";
        }

        foreach (var (id, option) in options)
        {
            cells[new Cell("rate", id)] = $"{option.Rate * 100:0}";
            cells[new Cell("hospital of options", id)] = $"{option.Hospital}";
        }

        foreach (var (id, hospital) in hospitals)
        {
            cells[new Cell("hospital", id)] = hospital.Name.Split('#')[1];
        }

        foreach (var (id, worker) in workers)
        {
            cells[new Cell("worker's name", id)] = worker.Split('#')[1];
        }

        return cells;
    }
}

/// <summary>A row of the old table.</summary>
internal sealed record OldRow(
    long Id, long WorkerId, long HospitalId, string Status, bool IsApproved, string? WorkerName, string? HospitalName,
    LocalDate ShiftDate, LocalTime StartTime, LocalTime EndTime, int BreakMinutes, decimal HoursWorked, decimal AmountDue, bool IsPaid)
{
    public static async Task<Dictionary<long, OldRow>> ReadAsync(FaultScene scene) =>
        (await scene.OldAsync("table timesheet_old", r => new OldRow(
            r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetString(3), r.GetBoolean(4), r.GetString(5), r.GetString(6),
            r.GetFieldValue<LocalDate>(7), r.GetFieldValue<LocalTime>(8), r.GetFieldValue<LocalTime>(9), r.GetInt32(10), r.GetDecimal(11),
            r.GetDecimal(12), r.GetBoolean(13)))).ToDictionary(r => r.Id);
}
