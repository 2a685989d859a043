using System.CommandLine;
using System.Text.Json;
using Portal.Tests.Replication;
using Portal.Web.Commands;

namespace Portal.Tests.Commands;

public sealed class SyncCommandTests
{
    [Theory]
    [InlineData("status")]
    [InlineData("compare")]
    public async Task No_difference_ends_with_0(string verb)
    {
        await using var scene = await ReplicationScene.CreateAsync();

        var (code, output) = await Run(scene, verb);

        code.ShouldBe(0);
        output.ShouldStartWith("In step: 12 rows compared, 0 different.");
    }

    [Theory]
    [InlineData("delete from timesheet_old where id = 2")]
    [InlineData("insert into timesheet_old (id, worker_id, hospital_id, status, is_approved) values (99, 1, 1, 'draft', false)")]
    [InlineData("update timesheet_old set amount_due = 1 where id = 2")]
    public async Task A_difference_of_any_kind_ends_with_1(string change)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync(change);

        foreach (var verb in new[] { "status", "compare" })
        {
            var (code, output) = await Run(scene, verb);
            code.ShouldBe(1);
            output.ShouldStartWith("Out of step: 1");
        }
    }

    [Theory]
    [InlineData("status")]
    [InlineData("compare")]
    public async Task An_old_server_that_does_not_answer_ends_with_2(string verb)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        scene.Link.Stop();

        var (code, output) = await Run(scene, verb);

        code.ShouldBe(2);
        output.ShouldStartWith("The old database cannot be reached.");
    }

    [Theory]
    [InlineData("status")]
    [InlineData("compare")]
    public async Task A_database_without_the_replication_ends_with_2_and_names_migrate(string verb)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("drop schema mapping, replication cascade");

        var (code, output) = await Run(scene, verb);

        code.ShouldBe(2);
        output.ShouldContain("migrate");
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("sync", "stat")]
    [InlineData("sync", "compare", "--limit", "many")]
    public async Task A_mistyped_command_ends_with_2_as_1_would_mean_differences(params string[] args) =>
        (await PortalCommand.RunAsync(args, _ => throw new InvalidOperationException("Nothing is served."))).ShouldBe(2);

    [Fact]
    public async Task A_disabled_trigger_ends_status_with_1()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("alter table timesheet_new disable trigger capture_update_timesheet_old");

        var (code, output) = await Run(scene, "status");

        code.ShouldBe(1);
        output.ShouldContain("The trigger capture_update_timesheet_old on timesheet_new is switched off");
    }

    [Fact]
    public async Task Compare_lists_what_differs_in_aligned_columns()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("""
            delete from timesheet_old where id = 2;
            update timesheet_old set status = 'draft', worker_name = null where id = 4;
            """);

        var (_, output) = await Run(scene, "compare");

        output.ShouldEndWith("""
            Same in both                            10
            Missing in the old database              1
            Only in the old database                 0
            Different values                         1

            timesheet  difference      column       new           old
            2          Missing in old
            4          Different       status       approved      draft
                                       worker_name  Amara Okafor  null

            """.ReplaceLineEndings());
    }

    [Fact]
    public async Task Json_of_status_has_the_documented_fields()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.NewAsync("alter table timesheet_new disable trigger capture_update_timesheet_old");

        var status = JsonDocument.Parse((await Run(scene, "status", "--json")).Output).RootElement;

        status.GetProperty("state").GetString().ShouldBe("atRisk");
        status.GetProperty("oldDatabase").GetProperty("reachable").GetBoolean().ShouldBeTrue();
        status.GetProperty("oldDatabase").GetProperty("latencyMs").GetDouble().ShouldBeGreaterThan(0);
        status.GetProperty("triggers").GetProperty("silent")[0].GetProperty("state").GetString().ShouldBe("disabled");
        status.GetProperty("mode").GetString().ShouldBe("synchronous");
        status.GetProperty("breaker").GetProperty("state").GetString().ShouldBe("closed");
        status.GetProperty("breaker").GetProperty("since").GetDateTimeOffset().Offset.ShouldBe(TimeSpan.Zero);
        status.GetProperty("outbox").GetProperty("length").GetInt64().ShouldBe(0);
        status.GetProperty("outbox").GetProperty("oldestAgeMs").ValueKind.ShouldBe(JsonValueKind.Null);
        status.GetProperty("setAside").GetProperty("count").GetInt64().ShouldBe(0);
        status.GetProperty("lastError").ValueKind.ShouldBe(JsonValueKind.Null);
        status.GetProperty("lastVerification").ValueKind.ShouldBe(JsonValueKind.Null);
        status.GetProperty("rates").GetProperty("overMs").GetDouble().ShouldBeGreaterThanOrEqualTo(1000);
        status.GetProperty("rates").GetProperty("changedPerSecond").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
        status.GetProperty("rates").GetProperty("writtenPerSecond").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
        status.GetProperty("comparison").GetProperty("compared").GetInt64().ShouldBe(12);
        status.GetProperty("comparison").GetProperty("at").GetDateTimeOffset().Offset.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task Json_of_compare_lists_as_many_rows_as_asked_for()
    {
        await using var scene = await ReplicationScene.CreateAsync();
        await scene.OldAsync("update timesheet_old set worker_name = 'O''Neill \"Z\" ü' where id in (3, 4, 5)");

        var (code, output) = await Run(scene, "compare", "--json", "--limit", "2");

        code.ShouldBe(1);
        var compare = JsonDocument.Parse(output).RootElement;
        compare.GetProperty("state").GetString().ShouldBe("different");
        compare.GetProperty("comparison").GetProperty("different").GetInt64().ShouldBe(3);
        compare.GetProperty("rows").GetArrayLength().ShouldBe(2);
        var row = compare.GetProperty("rows")[0];
        (row.GetProperty("id").GetInt64(), row.GetProperty("difference").GetString()).ShouldBe((3, "different"));
        var cell = row.GetProperty("columns")[0];
        (cell.GetProperty("name").GetString(), cell.GetProperty("old").GetString()).ShouldBe(("worker_name", "O'Neill \"Z\" ü"));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("compare")]
    public async Task Json_says_unknown_when_it_could_not_be_told(string verb)
    {
        await using var scene = await ReplicationScene.CreateAsync();
        scene.Link.Stop();

        var (code, output) = await Run(scene, verb, "--json");

        code.ShouldBe(2);
        JsonDocument.Parse(output).RootElement.GetProperty("state").GetString().ShouldBe("unknown");
    }

    internal static async Task<(int Code, string Output)> Run(ReplicationScene scene, params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await PortalCommand.Create(_ => throw new InvalidOperationException("Nothing is served."))
            .Parse(["sync", .. arguments, .. scene.Configuration.Select(c => $"--{c.Key}={c.Value}")])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = errors }, TestContext.Current.CancellationToken);
        return (code, output.ToString());
    }
}
