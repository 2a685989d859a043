using Npgsql;
using Portal.Data.Databases;
using Portal.Tests.Support;

namespace Portal.Tests.Databases;

public sealed class ScriptRunnerTests : IAsyncLifetime
{
    private TestDatabases? _databases;

    private NpgsqlDataSource Database => _databases?.OwnerOfNew ?? throw new InvalidOperationException();

    public async ValueTask InitializeAsync() => _databases = await TestDatabases.CreateAsync();

    public async ValueTask DisposeAsync() => await (_databases?.DisposeAsync() ?? ValueTask.CompletedTask);

    [Fact]
    public async Task A_replaceable_script_runs_again_when_its_text_changes_and_when_it_changes_back()
    {
        Script first = Replaceable("select 1"), second = Replaceable("select 2");

        (await ApplyAsync(first)).ShouldBe(1);
        (await ApplyAsync(first)).ShouldBe(0);
        (await ApplyAsync(second)).ShouldBe(1);
        new ScriptRunner(Database, [first]).Pending().ShouldBe(["new/views/10_answer.sql"]);
        (await ApplyAsync(first)).ShouldBe(1);
        (await ScalarAsync("select public.answer()")).ShouldBe(1);
    }

    [Fact]
    public async Task A_numbered_script_runs_once_whatever_becomes_of_its_text()
    {
        (await ApplyAsync(new Script("new/9000_once.sql", "create table once (id int)", IsReplaceable: false))).ShouldBe(1);
        (await ApplyAsync(new Script("new/9000_once.sql", "create table once (id int, name text)", IsReplaceable: false))).ShouldBe(0);
    }

    [Fact]
    public async Task A_script_that_fails_is_named_and_leaves_nothing_behind()
    {
        var failing = new Script("new/9000_half.sql", "create table half (id int); select 1 / 0;", IsReplaceable: false);
        (await Should.ThrowAsync<SetupException>(() => ApplyAsync(failing))).Message.ShouldBe("The script new/9000_half.sql failed: division by zero");
        (await ScalarAsync("select to_regclass('public.half') is null")).ShouldBe(true);
    }

    [Fact]
    public void Scripts_come_in_the_order_numbered_then_replaceable_and_without_the_superusers()
    {
        var names = Script.Of(DatabaseNames.New).Select(s => s.Name).ToList();
        names.ShouldNotContain("new/bootstrap.sql");
        names.ShouldBe(names.OrderBy(n => n.Contains("/0", StringComparison.Ordinal) ? 0 : 1).ThenBy(n => n, StringComparer.Ordinal));
        names[0].ShouldStartWith("new/0001_");
    }

    [Fact]
    public void Line_ends_of_a_checkout_do_not_make_another_script()
    {
        var folder = Directory.CreateTempSubdirectory("portal-scripts-");
        try
        {
            var file = Path.Combine(folder.CreateSubdirectory("new").CreateSubdirectory("views").FullName, "10_a.sql");
            File.WriteAllText(file, "select 1;\nselect 2;\n");
            var unix = Script.Of(DatabaseNames.New, folder.FullName)[0].JournalName;
            File.WriteAllText(file, "select 1;\r\nselect 2;\r\n");
            Script.Of(DatabaseNames.New, folder.FullName)[0].JournalName.ShouldBe(unix);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Script Replaceable(string body) => new(
        "new/views/10_answer.sql", $"create or replace function public.answer() returns int language sql as $f$ {body}; $f$;", IsReplaceable: true);

    private Task<int> ApplyAsync(Script script) =>
        new ScriptRunner(Database, [script]).ApplyAsync(_ => { }, TestContext.Current.CancellationToken);

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
