using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Portal.Tests.Support;

namespace Portal.Tests.Databases;

[EveryPostgres]
public sealed class TestDatabasesTests
{
    [Fact]
    public async Task The_worked_example_arrives_in_the_old_database_of_the_same_pair()
    {
        await using var databases = await TestDatabases.CreateAsync();
        await using (var write = databases.OwnerOfNew.CreateCommand("""
            insert into hospital (id, name) values (15, 'St Anne');
            insert into worker (id, name) values (33, 'Amara Okafor');
            insert into timesheet_options (hospital_id) values (15);
            insert into timesheet_new (worker_id, status, timesheet_options_id) values (33, 'approved', 1);
            """))
        {
            await write.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using var read = databases.Old.CreateCommand("select is_approved from timesheet_old where worker_id = 33 and hospital_id = 15");
        (await read.ExecuteScalarAsync(TestContext.Current.CancellationToken)).ShouldBe(true);
    }

    [Fact]
    public async Task Each_pair_is_empty_and_ready_for_the_portals_login()
    {
        for (var i = 0; i < 5; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await using var databases = await TestDatabases.CreateAsync();
            TestContext.Current.SendDiagnosticMessage($"created in {Stopwatch.GetElapsedTime(start)}");
            await using var context = databases.CreateDbContext();
            (await context.Timesheets.CountAsync(TestContext.Current.CancellationToken)).ShouldBe(0);
        }
    }
}
