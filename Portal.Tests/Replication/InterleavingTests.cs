using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>Two sessions, stepped through the interleavings of docs/replication.md. "Flush" means that a session has written to
/// the old database and is about to commit; every commit does so, and SET CONSTRAINTS makes a session stop there.</summary>
[EveryPostgres]
public sealed class InterleavingTests
{
    private const string Flush = "set constraints all immediate";
    private const string Rename = "update hospital set name = 'St Anne''s, renamed' where id = 15";
    private const string OtherZone = "update hospital set time_zone = 'America/New_York' where id = 15";
    private const string InsertThere = "insert into timesheet_new (id, worker_id, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes) values (50, 33, 2, '2026-05-01 08:00Z', '2026-05-01 16:00Z', 30)";
    private const string OtherHospital = "update timesheet_options set hospital_id = 15 where id = 1";
    private const string MoveThere = "update timesheet_new set timesheet_options_id = 1 where id = 4";
    private const string MoveOptionsThere = "update timesheet_options set hospital_id = 15 where id = 3";
    private const string OtherRate = "update timesheet_options set hourly_rate = 30 where id = 1";
    private const string Amend = "update timesheet_new set claimed_break_minutes = 60 where id = 1";
    private const string Pay = "insert into payment (timesheet_id, amount, currency) values (1, 172, 'GBP')";
    private const string OtherName = "update worker set name = 'Dara Nolan' where id = 34";

    // Each by the owner and by the portal: what one row needs, or all that show one shared row, is written another way for the portal.
    public static TheoryData<string, string, bool> Pairs => [.. Both.Select(p => (p.One, p.Other, false)), .. Both.Select(p => (p.One, p.Other, true))];

    private static readonly (string One, string Other)[] Both =
    [
        (Rename, InsertThere),
        (OtherZone, MoveOptionsThere),
        (OtherHospital, MoveThere),
        (OtherRate, Amend),
        (OtherRate, Pay),
        (Amend, Pay),
        (Amend, OtherName),
        (OtherRate, OtherName),
    ];

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Either_may_commit_first_when_both_were_at_work(string one, string other, bool asPortal)
    {
        foreach (var (first, second) in new[] { (one, other), (other, one) })
        {
            await using var scene = await EngineScene.CreateAsync();
            await using var a = await SessionAsync(scene, asPortal);
            await using var b = await SessionAsync(scene, asPortal);

            await a.Do("begin; " + first);
            await b.Do("begin; " + second);
            await a.Do("commit");
            await b.Do("commit");

            await ShouldBeReplicatedAsync(scene);
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Who_comes_to_commit_while_the_other_has_flushed_waits_for_him(string one, string other, bool asPortal)
    {
        foreach (var (first, second) in new[] { (one, other), (other, one) })
        {
            await using var scene = await EngineScene.CreateAsync();
            await scene.WaitLongAsync();
            await using var a = await SessionAsync(scene, asPortal);
            await using var b = await SessionAsync(scene, asPortal);

            await a.Do("begin; " + first);
            await b.Do("begin; " + second);
            await a.Do(Flush);
            var commit = await b.Blocks("commit");
            await a.Do("commit");
            await commit.Done;

            // A commit lets go of its locks one after the other: who wakes at the first may find the next still held. Many rows are
            // queued then; few have asked for what else they need only after the wait.
            if (!asPortal)
            {
                await scene.DrainAsync();
            }

            await ShouldBeReplicatedAsync(scene);
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Who_began_after_the_other_had_flushed_waits_for_him_too(string one, string other, bool asPortal)
    {
        foreach (var (first, second) in new[] { (one, other), (other, one) })
        {
            await using var scene = await EngineScene.CreateAsync();
            await scene.WaitLongAsync();
            await using var a = await SessionAsync(scene, asPortal);
            await using var b = await SessionAsync(scene, asPortal);

            await a.Do($"begin; {first}; {Flush}");
            var change = await b.Blocks(second);
            await a.Do("rollback");
            await change.Done;

            await ShouldBeReplicatedAsync(scene);
        }
    }

    [Fact]
    public async Task Who_has_waited_too_long_leaves_the_keys_in_the_outbox()
    {
        await using var scene = await EngineScene.CreateAsync();
        await using var a = await scene.SessionAsync();

        await a.Do($"begin; {Rename}; {Flush}");
        await scene.WriteAsync(InsertThere);
        (await scene.QueuedAsync()).ShouldBe(1);
        (await scene.BreakerAsync()).ShouldBe("closed");
        await a.Do("commit");

        await scene.DrainAsync();
        await ShouldBeReplicatedAsync(scene);
    }

    [Fact]
    public async Task Two_changes_of_one_timesheet_follow_each_other()
    {
        await using var scene = await EngineScene.CreateAsync();
        await using var a = await scene.SessionAsync();
        await using var b = await scene.SessionAsync();

        await a.Do("begin; " + Amend);
        var change = await b.Blocks("update timesheet_new set status = 'rejected' where id = 1");
        await a.Do("commit");
        await change.Done;

        await ShouldBeReplicatedAsync(scene);
    }

    [Fact]
    public async Task Options_that_then_want_a_timesheet_that_somebody_is_changing_are_no_deadlock()
    {
        await using var scene = await EngineScene.CreateAsync();
        await using var a = await scene.SessionAsync();
        await using var b = await scene.SessionAsync();

        await a.Do("begin; " + OtherRate);
        await b.Do("begin; " + Amend);
        var change = await a.Blocks("update timesheet_new set status = 'rejected' where id = 1");
        await b.Do("commit");
        await change.Done;
        await a.Do("commit");

        await ShouldBeReplicatedAsync(scene);
    }

    [Fact]
    public async Task Not_even_when_they_were_flushed_before()
    {
        await using var scene = await EngineScene.CreateAsync();
        await using var a = await scene.SessionAsync(scene.Databases.Settings.New);
        await using var b = await scene.SessionAsync();

        // A busy machine may take longer than the usual second for these steps.
        await a.Do($"set deadlock_timeout = '1min'; begin; {OtherRate}; {Flush}");
        await b.Do("begin; " + Amend);
        var change = await a.Blocks("update timesheet_new set status = 'rejected' where id = 1");
        await b.Do("commit");
        await change.Done;
        await a.Do("commit");

        await scene.DrainAsync();
        await ShouldBeReplicatedAsync(scene);
    }

    [Fact]
    public async Task Draining_waits_for_who_has_flushed_the_same_row_and_writes_what_is_true_then()
    {
        await using var scene = await EngineScene.CreateAsync();
        await using var a = await scene.SessionAsync();
        await using var worker = await scene.SessionAsync();
        await scene.OwnerAsync("alter function replication.drain(integer) set lock_timeout = '1min'");
        await scene.WriteAsync($"begin isolation level serializable; {OtherRate}; commit");

        await a.Do($"begin; {Amend}; {Flush}");
        var drain = await worker.Blocks("select replication.drain()");
        await a.Do("commit");
        await drain.Done;

        await ShouldBeReplicatedAsync(scene);
    }

    [Fact]
    public async Task What_is_committed_between_the_first_look_and_the_locks_is_not_missed()
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.WaitLongAsync();
        // Stops after its look until it is let go.
        await scene.OwnerAsync("""
            alter function replication.expand_timesheet_old(text[], bigint[]) rename to look;
            create function replication.expand_timesheet_old(source_names text[], source_keys bigint[]) returns bigint[] language plpgsql as $$
            declare
                found bigint[] := replication.look(source_names, source_keys);
            begin
                perform pg_advisory_xact_lock_shared(4711);
                return found;
            end $$;
            """);
        await using var a = await scene.SessionAsync();
        await using var gate = await scene.SessionAsync();

        await gate.Do("begin; select pg_advisory_xact_lock(4711)");
        var change = await a.Blocks(Rename);
        await scene.WriteAsync(InsertThere);
        await gate.Do("commit");
        await change.Done;

        await ShouldBeReplicatedAsync(scene);
    }

    private static Task<Session> SessionAsync(EngineScene scene, bool asPortal) =>
        scene.SessionAsync(asPortal ? scene.Databases.Settings.Portal.New : null);

    private static async Task ShouldBeReplicatedAsync(EngineScene scene) =>
        await scene.ShouldBeReplicatedAsync(await scene.AskAsync<long>("select count(*) from timesheet_new"));
}
