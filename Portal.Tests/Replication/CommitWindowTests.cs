using Microsoft.EntityFrameworkCore;
using Npgsql;
using Portal.Data.Approvals;
using Portal.Data.Databases;
using Portal.Data.Payments;
using Portal.Data.Timesheets;
using Portal.Tests.Approvals;
using Portal.Tests.Support;
using Portal.Tests.Timesheets;

namespace Portal.Tests.Replication;

/// <summary>The link breaks in the very moment of the commit: the one failure of the replication that reaches a transaction.</summary>
[EveryPostgres]
public sealed class CommitWindowTests
{
    public static TheoryData<CommitCut> Cuts => [CommitCut.BeforeItArrives, CommitCut.BeforeTheAnswer];

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task A_client_of_its_own_is_told_by_a_code_that_it_can_repeat(CommitCut cut)
    {
        await using var scene = await EngineScene.CreateAsync();
        var link = await scene.ThroughLinkAsync();
        await using var session = await scene.SessionAsync(scene.Databases.Settings.Portal.New);
        link.NextCommit = cut;

        var failure = await Should.ThrowAsync<PostgresException>(() => session.Do("update timesheet_new set status = 'rejected' where id = 1"));

        failure.SqlState.ShouldStartWith("08");
        RepeatRolledBack.IsRolledBack(failure).ShouldBeTrue();
        (await scene.AskAsync<string>("select status from timesheet_new where id = 1")).ShouldBe("approved");
        await session.Do("update timesheet_new set status = 'rejected' where id = 1");
        await scene.ShouldBeReplicatedAsync();
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task A_worker_who_submits_notices_nothing(CommitCut cut)
    {
        await using var scene = await EngineScene.CreateAsync();
        var link = await scene.ThroughLinkAsync();
        var ward = await WorkerScene.Create(scene.Databases);
        var id = await ward.Add();
        var entry = await ward.Entry(id) with { End = new(16, 45), Reason = "Handover" };
        var version = (await ward.Get(id)).Version;
        link.NextCommit = cut;

        var result = await ward.Service.SubmitAsync(ward.Wendy, id, version, entry);

        link.NextCommit.ShouldBe(CommitCut.None);
        var now = result.ShouldBeOfType<TimesheetResult.Saved>().Now;
        now.Status.ShouldBe(TimesheetStatus.Submitted);
        now.History.Select(h => h.Action).ShouldBe([TimesheetAction.Amended, TimesheetAction.Submitted]);
        await scene.ShouldBeReplicatedAsync(EngineScene.Timesheets + 1);
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Staff_who_approve_and_pay_notice_nothing(CommitCut cut)
    {
        await using var scene = await EngineScene.CreateAsync();
        var link = await scene.ThroughLinkAsync();
        var ward = await HospitalScene.Create(scene.Databases);
        var (id, version) = await ward.Add();

        link.NextCommit = cut;
        (await ward.Approvals.Approve(ward.Anna, id, version)).ShouldBeOfType<DecisionResult.Done>();
        link.NextCommit.ShouldBe(CommitCut.None);
        link.NextCommit = cut;
        (await ward.Payments.MarkPaid(ward.Anna, [id])).ShouldHaveSingleItem().Result.ShouldBeOfType<PaymentResult.Done>();
        link.NextCommit.ShouldBe(CommitCut.None);

        (await ward.History(id, TimesheetAction.Approved)).ShouldHaveSingleItem();
        (await ward.History(id, TimesheetAction.Paid)).ShouldHaveSingleItem();
        (await ward.PaymentsOf(id)).ShouldHaveSingleItem();
        await scene.ShouldBeReplicatedAsync(EngineScene.Timesheets + 1);
    }

    [Fact]
    public async Task Who_is_let_go_while_the_old_server_hangs_in_the_commit_notices_nothing_but_the_wait()
    {
        await using var scene = await EngineScene.CreateAsync();
        var link = await scene.ThroughLinkAsync();
        var ward = await WorkerScene.Create(scene.Databases);
        var id = await ward.Add();
        var (entry, version) = (await ward.Entry(id), (await ward.Get(id)).Version);
        link.NextCommit = CommitCut.HangingAnswer;

        var submitting = ward.Service.SubmitAsync(ward.Wendy, id, version, entry);
        while (link.NextCommit != CommitCut.None || await scene.AskAsync<long>("select replication.release_waiting('0 seconds')") == 0)
        {
            await Task.Delay(5);
            submitting.IsCompleted.ShouldBeFalse();
        }

        // Before it is let go, the wrapper clears up the connection; a worker would have opened the breaker by now.
        link.Resume();
        var now = (await submitting).ShouldBeOfType<TimesheetResult.Saved>().Now;
        now.History.ShouldHaveSingleItem().Action.ShouldBe(TimesheetAction.Submitted);
        await scene.ShouldBeReplicatedAsync(EngineScene.Timesheets + 1);
    }

    [Fact]
    public async Task A_change_that_is_cancelled_on_purpose_is_not_made_again()
    {
        await using var scene = await EngineScene.CreateAsync();
        await using var db = scene.Databases.CreateDbContext();
        using var cancel = new CancellationTokenSource();
        var attempts = 0;

        await Should.ThrowAsync<OperationCanceledException>(() => db.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                attempts++;
                var waiting = db.Database.ExecuteSqlAsync($"select pg_sleep(60)", token);
                await cancel.CancelAsync();
                await waiting;
            },
            cancel.Token));

        attempts.ShouldBe(1);
    }

    [Fact]
    public async Task A_change_whose_outcome_is_unknown_is_not_made_again()
    {
        await using var scene = await EngineScene.CreateAsync();
        await using var db = scene.Databases.CreateDbContext();
        var attempts = 0;

        var failure = await Should.ThrowAsync<NpgsqlException>(() => db.Database.CreateExecutionStrategy().ExecuteAsync(() =>
        {
            attempts++;
            return db.Database.ExecuteSqlAsync($"select pg_terminate_backend(pg_backend_pid())");
        }));

        attempts.ShouldBe(1);
        RepeatRolledBack.IsRolledBack(failure).ShouldBeFalse();
        RepeatRolledBack.IsRolledBack(new NpgsqlException("Exception while reading from stream", new IOException())).ShouldBeFalse();
    }
}
