using System.Diagnostics;
using Npgsql;
using Portal.Tests.Support;

namespace Portal.Tests.Replication;

/// <summary>An old database that is away, slow or unwilling never fails a commit here.</summary>
[EveryPostgres]
public sealed class FallbackTests
{
    [Fact]
    public async Task Commits_succeed_while_the_link_is_cut_and_everything_arrives_afterwards()
    {
        await using var scene = await EngineScene.CreateAsync();
        var link = await scene.ThroughLinkAsync();
        await using var session = await scene.SessionAsync(scene.Databases.Settings.Portal.New);
        await session.Do("update timesheet_new set status = 'submitted' where id = 1");
        var port = link.Port;

        link.Stop();
        await session.Do("update timesheet_new set status = 'rejected' where id = 1");
        await session.Do("update hospital set name = name || '!'");

        (await scene.QueuedAsync()).ShouldBe(3);
        (await scene.BreakerAsync()).ShouldBe("open");
        (await scene.AskAsync<string>("select error_code from replication.control")).ShouldStartWith("08");

        link.Start(port);
        await RestoreAsync(scene);
        await session.Do("update timesheet_new set status = 'approved' where id = 1");

        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task A_wrong_port_is_no_reason_to_fail_a_commit_either()
    {
        await using var scene = await EngineScene.CreateAsync();
        var port = await scene.AskAsync<string>(
            "select o.option_value from pg_foreign_server s, pg_options_to_table(s.srvoptions) o where o.option_name = 'port'");

        await scene.OwnerAsync("alter server timesheet_old_server options (set port '1')");
        await scene.WriteAsync("update timesheet_new set status = 'rejected' where id = 1");

        (await scene.QueuedAsync()).ShouldBe(1);
        (await scene.BreakerAsync()).ShouldBe("open");

        await scene.OwnerAsync($"alter server timesheet_old_server options (set port '{port}')");
        await RestoreAsync(scene);
        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task Only_the_first_waits_for_a_server_that_does_not_answer()
    {
        await using var scene = await EngineScene.CreateAsync();
        var link = await scene.ThroughLinkAsync();
        link.Hang();

        // connect_timeout ends the wait up to PostgreSQL 15. Newer wrappers do not heed it: there the worker releases who waits.
        var commit = CommitAsync(scene);
        while (!commit.IsCompleted)
        {
            if (await scene.AskAsync<long>("select replication.release_waiting()") > 0)
            {
                await scene.WriteAsync("select replication.not_written('08000', 'no answer')");
            }
        }

        // libpq rounds to whole seconds.
        var first = await commit;
        first.ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
        first.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        (await scene.BreakerAsync()).ShouldBe("open");

        // Several, because the machine may be busy for a moment with other tests.
        var later = new List<TimeSpan>();
        for (var i = 0; i < 5; i++)
        {
            later.Add(await CommitAsync(scene));
        }

        later.Min().ShouldBeLessThan(TimeSpan.FromMilliseconds(100));
        (await scene.QueuedAsync()).ShouldBe(EngineScene.Timesheets);

        link.Resume();
        await RestoreAsync(scene);
        await scene.ShouldBeReplicatedAsync();
    }

    [Theory]
    [InlineData("begin; lock table timesheet_old in access exclusive mode")]
    [InlineData("begin; update timesheet_old set status = status where id = 1")]
    public async Task An_old_table_that_somebody_has_locked_ends_the_wait_after_its_lock_timeout(string locking)
    {
        await using var scene = await EngineScene.CreateAsync();
        await using (var reader = await scene.SessionAsync(scene.Databases.Settings.Old))
        {
            await reader.Do(locking);

            await scene.WriteAsync("update timesheet_new set status = 'rejected' where id = 1");

            (await scene.QueuedAsync()).ShouldBe(1);
            (await scene.AskAsync<string>("select error_code from replication.control")).ShouldBe(PostgresErrorCodes.LockNotAvailable);
            await reader.Do("rollback");
        }

        await RestoreAsync(scene);
        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task A_row_that_the_old_table_refuses_is_set_aside_and_holds_back_no_other()
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old add constraint not_three check (id <> 3 or status <> 'rejected')");

        await scene.WriteAsync("update timesheet_new set status = 'rejected'");

        (await scene.AskOldAsync<long>("select count(*) from timesheet_old where status = 'rejected'")).ShouldBe(5);
        (await scene.AskAsync<string>("select key || ' ' || code || ' ' || attempts from replication.set_aside")).ShouldBe("3 23514 1");
        (await scene.AskAsync<string>("select message from replication.set_aside")).ShouldContain("not_three");
        (await scene.BreakerAsync()).ShouldBe("closed");
        (await scene.QueuedAsync()).ShouldBe(0);

        await RetryAsync(scene);
        (await scene.AskAsync<string>("select key || ' ' || code || ' ' || attempts from replication.set_aside")).ShouldBe("3 23514 2");
        (await scene.AskAsync<bool>("select next_attempt_at > now() + interval '1 second' from replication.set_aside")).ShouldBeTrue();

        await scene.OldAsync("alter table timesheet_old drop constraint not_three");
        await RetryAsync(scene);
        (await scene.AskAsync<long>("select count(*) from replication.set_aside")).ShouldBe(0);
        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task A_change_of_a_shared_row_writes_refused_rows_too_once_the_old_table_takes_them()
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old add constraint not_three check (id <> 3 or hospital_name not like '%!')");
        const string OptionsOfThree = "select timesheet_options_id from timesheet_new where id = 3";
        var hospital = await scene.AskAsync<long>($"select hospital_id from timesheet_options where id = ({OptionsOfThree})");

        await scene.WriteAsync($"update hospital set name = name || '!' where id = {hospital}");

        (await scene.AskAsync<string>("select string_agg(key || ' ' || code, ', ') from replication.set_aside")).ShouldBe("3 23514");
        (await scene.BreakerAsync()).ShouldBe("closed");

        await scene.WriteAsync($"update hospital set name = 'St Jude''s' where id = {hospital}");

        (await scene.AskAsync<long>("select count(*) from replication.set_aside")).ShouldBe(0);
        await scene.ShouldBeReplicatedAsync();
    }

    [Fact]
    public async Task A_refused_row_whose_time_has_not_come_is_left_alone_until_it_is_changed()
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old add constraint nothing_rejected check (status <> 'rejected')");
        await scene.WriteAsync("update timesheet_new set status = 'rejected' where id = 3");
        await scene.OwnerAsync("update replication.set_aside set next_attempt_at = now() + interval '1 hour'");

        (await scene.AskAsync<long>("select replication.retry_set_aside()")).ShouldBe(0);
        (await scene.QueuedAsync()).ShouldBe(0);
        await scene.WriteAsync("update timesheet_new set status = 'submitted' where id = 3");

        (await scene.AskAsync<long>("select count(*) from replication.set_aside")).ShouldBe(0);
        await scene.ShouldBeReplicatedAsync();
    }

    [Theory]
    [InlineData("update timesheet_new set status = 'rejected' where id = 3", "3")]
    [InlineData("update timesheet_new set status = 'rejected' where id in (2, 3, 4)", "3")]
    public async Task A_constraint_that_the_old_table_checks_at_commit_refuses_its_row_and_no_other(string change, string refused)
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OldAsync("""
            create function not_three() returns trigger language plpgsql as $$
            begin
                raise exception using errcode = 'check_violation', message = 'not three';
            end $$;
            create constraint trigger not_three after update on timesheet_old deferrable initially deferred
                for each row when (new.id = 3) execute function not_three();
            """);

        await scene.WriteAsync(change);

        (await scene.AskAsync<string>("select string_agg(key::text, ' ') from replication.set_aside")).ShouldBe(refused);
        (await scene.DifferencesAsync()).ShouldBe(1);
        (await scene.QueuedAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_refused_row_that_is_deleted_is_forgotten()
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old add constraint nothing_rejected check (status <> 'rejected')");
        await scene.WriteAsync("update timesheet_new set status = 'rejected' where id = 3");

        await scene.OwnerAsync("delete from timesheet_new where id = 3");

        (await scene.AskAsync<long>("select count(*) from replication.set_aside")).ShouldBe(0);
        await scene.ShouldBeReplicatedAsync(5);
    }

    // What the portal's worker does when the old database answers again.
    private static async Task RestoreAsync(EngineScene scene)
    {
        await scene.DrainAsync();
        await scene.WriteAsync("select replication.link_restored()");
        (await scene.BreakerAsync()).ShouldBe("closed");
    }

    private static async Task RetryAsync(EngineScene scene)
    {
        await scene.OwnerAsync("update replication.set_aside set next_attempt_at = now()");
        (await scene.AskAsync<long>("select replication.retry_set_aside()")).ShouldBe(1);
        await scene.DrainAsync();
    }

    private static async Task<TimeSpan> CommitAsync(EngineScene scene)
    {
        await using var session = await scene.SessionAsync(scene.Databases.Settings.Portal.New);
        var start = Stopwatch.GetTimestamp();
        await session.Do("update timesheet_new set claimed_break_minutes = claimed_break_minutes + 1");
        return Stopwatch.GetElapsedTime(start);
    }
}
