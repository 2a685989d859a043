namespace Portal.Tests.Replication;

public sealed class WorkedExampleTests
{
    [Fact]
    public async Task The_worked_example_runs_verbatim()
    {
        await using var scene = await EngineScene.CreateAsync();
        await scene.OwnerAsync("delete from timesheet_new; delete from timesheet_options");
        await scene.OwnerAsync("alter table timesheet_options alter id restart 14");

        await scene.WriteAsync("INSERT INTO timesheet_options (hospital_id) VALUES (15);");
        await scene.WriteAsync("INSERT INTO timesheet_new (worker_id, status, timesheet_options_id) VALUES (33, 'approved', 14);");

        await using var session = scene.Databases.New.CreateCommand("SELECT * FROM timesheet_old_schema.timesheet_old;");
        await using var row = await session.ExecuteReaderAsync();
        (await row.ReadAsync()).ShouldBeTrue();
        (row["id"], row["worker_id"], row["hospital_id"], row["status"], row["is_approved"]).ShouldBe((100L, 33L, 15L, "approved", true));
        (await row.ReadAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Both_statements_may_stand_in_one_transaction_in_either_order_of_their_triggers()
    {
        await using var scene = await EngineScene.CreateAsync();

        await scene.WriteAsync("""
            begin;
            INSERT INTO timesheet_options (hospital_id) VALUES (15);
            INSERT INTO timesheet_new (worker_id, status, timesheet_options_id) VALUES (33, 'approved', 100);
            commit;
            """);

        (await scene.AskOldAsync<bool>("select is_approved from timesheet_old where id = 100 and worker_id = 33 and hospital_id = 15")).ShouldBeTrue();
        await scene.ShouldBeReplicatedAsync(EngineScene.Timesheets + 1);
    }

    [Fact]
    public async Task The_entry_of_the_insert_path_has_its_fixed_names()
    {
        await using var scene = await EngineScene.CreateAsync();

        (await scene.AskAsync<bool>("""
            select tgdeferrable and tginitdeferred and tgenabled = 'O' and tgfoid = 'public.new_records_inserted()'::regprocedure
              from pg_trigger where tgrelid = 'public.timesheet_new'::regclass and tgname = 'do_dreplicate_to_old_table'
            """)).ShouldBeTrue();
    }
}
