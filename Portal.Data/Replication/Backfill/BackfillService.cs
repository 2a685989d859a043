using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;
using NpgsqlTypes;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication.Backfill;

/// <summary>What an admin sees of the backfill and does to it. The rows are taken over by <see cref="BackfillWorker"/>, wherever one runs.</summary>
public sealed class BackfillService(
    [FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase, ILogger<BackfillService> log)
{
    private const int RowsPerStep = 10_000;

    private const string State =
        """
        select c.authority = 'old', coalesce(b.state = 'running', false), coalesce(b.share, 1), coalesce(b.round, 1),
               coalesce(b.rows_to_read, 0), coalesce(b.rows_read, 0), coalesce(b.rows_written, 0), coalesce(b.rows_removed, 0),
               coalesce(b.seconds, 0), coalesce(b.next_key is null and b.finished_at is not null, false), b.changed_last, b.finished_at, b.error,
               (select count(*) from timesheet_old_schema.timesheet_old), (select count(*) from public.timesheet_new)
          from replication.control c left join replication.backfill b on b.mapping = 'timesheet_old'
        """;

    private const string Groups =
        """
        select reasons, count(*) filter (where state = 'open'), count(*) filter (where state = 'decided'),
               count(*) filter (where state = 'skipped'), count(*) filter (where state = 'taken'), max(found_at) filter (where state = 'open')
          from replication.quarantine
         where mapping = 'timesheet_old'
         group by reasons
         order by count(*) filter (where state = 'open') desc, count(*) desc, reasons
        """;

    /// <summary>Reads how far it is. Fails when the old database cannot be reached: its rows are counted.</summary>
    public Task<Answer<BackfillReport>> Read(Caller? caller, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await newDatabase.NeedOldDatabase(cancel);
            await using var connection = await newDatabase.OpenConnectionAsync(cancel);
            return await ReadAsync(connection, cancel);
        });

    /// <summary>Takes over all there is, here and now, round after round until one finds no change. If it was running before, it
    /// goes on in the portal afterwards; otherwise it is stopped again, whatever ends this. Fails if somebody stops it.</summary>
    /// <param name="share">The share of the time to work meanwhile, above 0 up to 1; null: as it is set.</param>
    /// <param name="dryRun">One round, all of it undone in the end: what would come of it, in the same time.</param>
    /// <param name="progress">Is told after each step, or after some where telling would take more than a tenth of the time: rows are counted for it.</param>
    public Task<Answer<BackfillReport>> Complete(
        Caller? caller, decimal? share, bool dryRun, Action<BackfillReport> progress, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await newDatabase.NeedOldDatabase(cancel);
            await using var connection = await newDatabase.OpenConnectionAsync(cancel);
            await using var undone = dryRun ? await connection.BeginTransactionAsync(cancel) : null;
            var before = await ReadAsync(connection, cancel);
            await SwitchAsync(connection, run: true, share, caller?.Name ?? "", cancel);
            try
            {
                return await CompleteAsync(connection, dryRun, progress, cancel);
            }
            finally
            {
                if (!dryRun && (!before.Running || share is not null))
                {
                    // Over a connection of its own: what ended this may have ended that one too.
                    await using var other = await newDatabase.OpenConnectionAsync(CancellationToken.None);
                    await SwitchAsync(other, before.Running ? null : false, share is null ? null : before.Share, caller?.Name ?? "", CancellationToken.None);
                }
            }
        });

    private static async Task<BackfillReport> CompleteAsync(
        NpgsqlConnection connection, bool dryRun, Action<BackfillReport> progress, CancellationToken cancel)
    {
        var (report, toldAt, telling) = (await ReadAsync(connection, cancel), Stopwatch.GetTimestamp(), TimeSpan.Zero);
        while (true)
        {
            var start = Stopwatch.GetTimestamp();
            var step = await StepAsync(connection, cancel, dryRun);
            var took = Stopwatch.GetElapsedTime(start);
            if (step is { Worked: true, Finished: false } && Stopwatch.GetElapsedTime(toldAt) < 10 * telling)
            {
                await Task.Delay(Pause(took, report.Share), cancel);
                continue;
            }

            start = Stopwatch.GetTimestamp();
            report = await ReadAsync(connection, cancel);
            (toldAt, telling) = (Stopwatch.GetTimestamp(), Stopwatch.GetElapsedTime(start));
            progress(report);
            if (!report.OldIsRight || (step.Finished && (dryRun || report.ChangedLast == 0)))
            {
                return report;
            }

            if (!report.Running)
            {
                throw new TroubleException(new(TroubleKind.NewDatabase, "The backfill was stopped before it had caught up.", "What is taken over stays; begin it again to go on from there."));
            }

            // Not worked: a portal is at it, and this one watches.
            await Task.Delay(step.Worked ? Pause(took, report.Share) : TimeSpan.FromSeconds(1), cancel);
        }
    }

    /// <summary>How long to rest after a step, to work in no more than a share of the time.</summary>
    internal static TimeSpan Pause(TimeSpan took, decimal share) => took * (double)((1 - share) / share);

    /// <summary>Lets it run with a share of the time, or stops it after the step under way.</summary>
    /// <param name="run">Null: as before.</param>
    /// <param name="share">Above 0, up to 1; null: as before.</param>
    public Task<Answer<BackfillReport>> Run(Caller? caller, bool? run, decimal? share = null, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await using var connection = await newDatabase.OpenConnectionAsync(cancel);
            await SwitchAsync(connection, run, share, caller?.Name ?? "", cancel);
            return await AdminOnly.AfterChange(() => ReadAsync(connection, cancel));
        });

    /// <summary>Takes over the next rows, if it is switched on and nobody else is at it.</summary>
    /// <param name="undone">It is going to be rolled back.</param>
    internal static async Task<(bool Worked, bool Finished)> StepAsync(NpgsqlConnection connection, CancellationToken cancel, bool undone = false)
    {
        await using var command = new NpgsqlCommand("select worked, finished from replication.backfill_step($1, $2)", connection) { CommandTimeout = 0 };
        command.Parameters.Add(new() { Value = RowsPerStep });
        command.Parameters.Add(new() { Value = undone });
        return (await command.Rows(r => (r.GetBoolean(0), r.GetBoolean(1)), cancel)).Single();
    }

    internal static async Task<BackfillReport> ReadAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        var groups = await connection.Rows(Groups, r => new QuarantineGroup(
            r.GetFieldValue<string[]>(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.IsDBNull(5) ? null : r.GetFieldValue<Instant>(5)), cancel);
        return (await connection.Rows(State, r => new BackfillReport(
            r.GetBoolean(0), r.GetBoolean(1), r.GetDecimal(2), r.GetInt32(3),
            r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), r.GetInt64(7),
            Duration.FromSeconds(r.GetDouble(8)), r.GetBoolean(9),
            r.IsDBNull(10) ? null : r.GetInt64(10),
            r.IsDBNull(11) ? null : r.GetFieldValue<Instant>(11),
            r.TextOrNull(12), r.GetInt64(13), r.GetInt64(14), groups), cancel)).Single();
    }

    private static async Task SwitchAsync(NpgsqlConnection connection, bool? run, decimal? share, string account, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select replication.run_backfill($1, $2, $3)", connection);
        command.Parameters.Add(new() { Value = run switch { true => "running", false => "stopped", _ => DBNull.Value }, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)share ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Numeric });
        command.Parameters.Add(new() { Value = account });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
