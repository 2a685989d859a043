using Npgsql;

namespace Portal.Tests.Replication.Faults;

/// <summary>What decides a run that looks for a planted fault: a step in which the fault shows for sure, after much in which
/// it may. On rows that no writer knows.</summary>
internal static class LastActs
{
    private const string Rows = """
        insert into timesheet_options (id, hospital_id) values (500, 1), (501, 1);
        insert into timesheet_new (id, worker_id, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes)
        values (500, 1, 500, '2030-01-01 06:00Z', '2030-01-01 14:00Z', 0);
        """;

    /// <summary>One moves options to another hospital, and before the commit somebody else moves a timesheet to these options.</summary>
    public static async Task PassEachOther(FaultScene scene)
    {
        await scene.NewAsync(Rows);
        await using var first = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(scene.Settings.New) { Pooling = false }.ConnectionString);
        await first.OpenAsync();
        await using var change = new NpgsqlCommand("begin; update timesheet_options set hospital_id = 2 where id = 501; set constraints all immediate", first);
        await change.ExecuteNonQueryAsync();
        await scene.NewAsync("update timesheet_new set timesheet_options_id = 501 where id = 500");
        await using var commit = new NpgsqlCommand("commit", first);
        await commit.ExecuteNonQueryAsync();
    }

    /// <summary>The old database commits, and the answer is lost.</summary>
    public static async Task LoseAnswer(FaultScene scene)
    {
        while (true)
        {
            scene.Link.NextCommit = CommitCut.BeforeTheAnswer;
            try
            {
                await scene.NewAsync(Rows);
            }
            catch (PostgresException)
            {
                if (await scene.OldAsync("select true from timesheet_old where id = 500", r => r.GetBoolean(0)) is [true])
                {
                    return;
                }

                // The link went down before the commit.
                continue;
            }

            // It was the link of a worker that was just verifying.
            await scene.NewAsync("delete from timesheet_new where id = 500; delete from timesheet_options where id in (500, 501)");
        }
    }

    /// <summary>An acknowledged write is undone, in both databases.</summary>
    public static Task LoseWrite(FaultScene scene) => scene.NewAsync("update timesheet_options set hourly_rate = 0");
}
