using NodaTime;
using Npgsql;
using Portal.Data.Timesheets;

namespace Portal.Data.Demo;

/// <summary>Fills the new database with hospitals, workers and timesheets that look alive. The old one follows by replication.</summary>
public static class DemoData
{
    /// <summary>How many timesheets the embedded default starts with.</summary>
    public const int DefaultTimesheets = 2_000;

    // One transaction a batch, two at a time: while one commits, and so writes to the old database, the other one fills the new.
    private const int BatchSize = 20_000;

    /// <summary>Whether there are timesheets already.</summary>
    public static async Task<bool> IsLoadedAsync(NpgsqlDataSource newDatabase, CancellationToken cancellation)
    {
        await using var command = newDatabase.CreateCommand("select exists (select from public.timesheet_new)");
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>Adds timesheets over the last six months, up to ten days ahead, until there are as many as asked for.</summary>
    /// <param name="newDatabase">As the login that migrates.</param>
    /// <param name="timesheets">How many timesheets there are to be; null: the usual number.</param>
    /// <param name="say">Is told what is being done.</param>
    public static async Task LoadAsync(
        NpgsqlDataSource newDatabase, int? timesheets, Action<string> say, CancellationToken cancellation)
    {
        await using var connection = await newDatabase.OpenConnectionAsync(cancellation);
        var present = await CountAsync(connection, "public.timesheet_new", cancellation);
        var missing = (timesheets ?? DefaultTimesheets) - (int)present;
        if (missing <= 0)
        {
            say($"There are {present:N0} timesheets already.");
            return;
        }

        // Timesheets that are there already belong to their workers; further ones get workers of their own, so none overlap.
        var firstWorker = present == 0 ? 1 : await CountAsync(connection, "public.worker", cancellation, "max(id)") + 1;
        var shifts = new DemoShifts(SystemClock.Instance.GetCurrentInstant().InUtc().Date, missing, firstWorker);
        await WritePartiesAsync(connection, shifts, cancellation);

        var written = 0;
        using var options = new DemoOptionsTable(newDatabase);
        using var oneCommit = new SemaphoreSlim(1);
        await Parallel.ForEachAsync(
            shifts.All().Chunk(BatchSize),
            new ParallelOptions { MaxDegreeOfParallelism = 3, CancellationToken = cancellation },
            async (batch, cancel) =>
            {
                await using var batchConnection = await newDatabase.OpenConnectionAsync(cancel);
                await using var transaction = await batchConnection.BeginTransactionAsync(cancel);
                await WriteBatchAsync(batchConnection, options, batch, cancel);
                await oneCommit.WaitAsync(cancel);
                try
                {
                    await transaction.CommitAsync(cancel);
                }
                finally
                {
                    oneCommit.Release();
                }

                say($"Demo data: {Interlocked.Add(ref written, batch.Length):N0} of {missing:N0} timesheets.");
            });

        // What could not be written at commit has stayed in the outbox.
        await using var drain = new NpgsqlCommand("select replication.drain()", connection) { CommandTimeout = 0 };
        while (await drain.ExecuteScalarAsync(cancellation) is > 0)
        {
        }

        await using var analyze = new NpgsqlCommand("analyze", connection) { CommandTimeout = 0 };
        await analyze.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<long> CountAsync(
        NpgsqlConnection connection, string table, CancellationToken cancellation, string what = "count(*)")
    {
        await using var command = new NpgsqlCommand($"select {what} from {table}", connection);
        return await command.ExecuteScalarAsync(cancellation) is long number ? number : 0;
    }

    private static async Task WritePartiesAsync(NpgsqlConnection connection, DemoShifts shifts, CancellationToken cancellation)
    {
        long[] ids = [.. shifts.Workers];
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "insert into public.hospital (id, name, time_zone, currency) select * from unnest($1, $2, $3, $4) on conflict do nothing")
        {
            Parameters =
            {
                new() { Value = DemoWords.Hospitals.Select(h => h.Id).ToArray() },
                new() { Value = DemoWords.Hospitals.Select(h => h.Name).ToArray() },
                new() { Value = DemoWords.Hospitals.Select(h => h.TimeZone).ToArray() },
                new() { Value = DemoWords.Hospitals.Select(h => h.Currency).ToArray() },
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "insert into public.worker (id, name) select * from unnest($1, $2) on conflict do nothing")
        {
            Parameters = { new() { Value = ids }, new() { Value = ids.Select(DemoShifts.WorkerName).ToArray() } },
        });

        // Whoever inserts after this without a number gets the next free one.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select setval(pg_get_serial_sequence('public.hospital', 'id'), max(id)) from public.hospital"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select setval(pg_get_serial_sequence('public.worker', 'id'), max(id)) from public.worker"));
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task WriteBatchAsync(
        NpgsqlConnection connection, DemoOptionsTable options, DemoTimesheet[] batch, CancellationToken cancellation)
    {
        var optionsIds = await options.IdsAsync(batch, cancellation);
        var ids = await connection.ReserveAsync("public.timesheet_new", batch.Length, cancellation);

        await connection.CopyAsync(
            "public.timesheet_new (id, worker_id, status, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes, submitted_at)",
            batch.Select((t, i) => new object?[]
            {
                ids[i], t.WorkerId, StatusText.Write(t.Status), optionsIds[t.Options], t.Claimed.Start, t.Claimed.End, t.Claimed.BreakMinutes, t.SubmittedAt,
            }),
            cancellation);
        await connection.CopyAsync(
            """
            public.timesheet_history (timesheet_id, happened_at, account_name, action, from_status, to_status,
                from_start, from_end, from_break_minutes, to_start, to_end, to_break_minutes, reason)
            """,
            batch.SelectMany((t, i) => t.History.Select(e => new object?[]
            {
                ids[i], e.At, e.By, StatusText.Write(e.Action), StatusText.Write(e.From), StatusText.Write(e.To),
                e.Before.Start, e.Before.End, e.Before.BreakMinutes, e.After.Start, e.After.End, e.After.BreakMinutes, e.Reason,
            })),
            cancellation);
        await connection.CopyAsync(
            "public.payment (timesheet_id, amount, currency, paid_at)",
            batch.Select((t, i) => (Timesheet: t, Id: ids[i])).Where(x => x.Timesheet.PaidAt is not null).Select(x => new object?[]
            {
                x.Id,
                Pay.Due(Pay.Worked(x.Timesheet.Claimed.Start, x.Timesheet.Claimed.End, x.Timesheet.Claimed.BreakMinutes), x.Timesheet.Options.HourlyRate),
                x.Timesheet.Options.Currency,
                x.Timesheet.PaidAt,
            }),
            cancellation);
    }
}
