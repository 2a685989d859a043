using System.Text.Json;
using Portal.Tests.Replication;
using static Portal.Tests.Commands.SyncCommandTests;

namespace Portal.Tests.Commands;

public sealed class SyncServersTests
{
    [Fact]
    public async Task All_well_ends_with_0_and_tells_rights_and_tables()
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var (code, output) = await Run(scene, "servers");

        code.ShouldBe(0);
        output.ShouldContain("replicator on public.timesheet_old: may select, insert, update, delete");
        output.ShouldContain("timesheet_old_schema.timesheet_old: As imported");
    }

    [Fact]
    public async Task A_changed_old_table_ends_with_1_until_it_is_imported_anew()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("alter table timesheet_old alter worker_name set not null");

        var (code, output) = await Run(scene, "servers");
        code.ShouldBe(1);
        output.ShouldContain("Rows without a value here are refused");
        var json = JsonDocument.Parse((await Run(scene, "servers", "--json")).Output).RootElement;
        json.GetProperty("tables").EnumerateArray().Single(t => t.GetProperty("drift").GetBoolean()).GetProperty("columns").EnumerateArray()
            .Single(c => c.GetProperty("name").GetString() == "worker_name").GetProperty("findings")[0].GetString().ShouldBe("nullability");

        (await Run(scene, "servers", "import", "--dry-run")).Output.ShouldContain("import foreign schema public limit to (timesheet_old)");
        (await Run(scene, "servers")).Code.ShouldBe(1);
        (await Run(scene, "servers", "import")).Code.ShouldBe(2);
        (await Run(scene, "servers", "import", "--reason", "it changed")).Code.ShouldBe(0);
        (await Run(scene, "servers")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task An_old_server_that_does_not_answer_ends_with_2_and_no_password_is_written()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        scene.Link.Stop();

        var (code, output) = await Run(scene, "servers", "--json");

        code.ShouldBe(2);
        foreach (var password in ForeignServersTests.Passwords(scene))
        {
            output.ShouldNotContain(password);
        }
    }
}
