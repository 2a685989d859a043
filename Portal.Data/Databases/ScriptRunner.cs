using DbUp;
using DbUp.Builder;
using DbUp.Engine;
using DbUp.Engine.Output;
using DbUp.Engine.Transactions;
using DbUp.Postgresql;
using Npgsql;

namespace Portal.Data.Databases;

/// <summary>Applies scripts to one database and keeps a journal of them there, in <c>portal_migration.journal</c>.</summary>
public sealed class ScriptRunner(NpgsqlDataSource database, IReadOnlyList<Script> scripts)
{
    private const string _schema = "portal_migration";
    private const string _table = "journal";

    /// <summary>Names of the scripts that have not run, or not with their present text.</summary>
    public IReadOnlyList<string> Pending()
    {
        var names = Build(new SilentLog()).GetScriptsToExecute().Select(s => s.Name).ToHashSet();
        return [.. scripts.Where(s => names.Contains(s.JournalName)).Select(s => s.Name)];
    }

    /// <summary>Runs the pending scripts, each in a transaction of its own.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="SetupException">One failed; those before it stay applied.</exception>
    public async Task<int> ApplyAsync(Action<string> say, CancellationToken cancellation)
    {
        await CreateJournalAsync(cancellation);
        var byName = scripts.ToDictionary(s => s.JournalName, s => s.Name);
        var result = Build(new SilentLog()).PerformUpgrade();
        var applied = result.Scripts.ToList();
        applied.ForEach(script => say($"  {byName[script.Name]}"));
        if (!result.Successful)
        {
            throw new SetupException(
                $"The script {byName.GetValueOrDefault(result.ErrorScript?.Name ?? "", "?")} failed: {(result.Error as PostgresException)?.MessageText ?? result.Error?.Message}",
                result.Error);
        }

        return applied.Count;
    }

    private UpgradeEngine Build(IUpgradeLog log)
    {
        var builder = DeployChanges.To
            .PostgresqlDatabase(new PostgresqlConnectionManager(database))
            .WithScripts(scripts.Select((script, order) => new SqlScript(
                script.JournalName, script.Text, new SqlScriptOptions { ScriptType = DbUp.Support.ScriptType.RunOnce, RunGroupOrder = order })))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .WithExecutionTimeout(TimeSpan.Zero)
            .LogTo(log);
        builder.Configure(c => c.Journal = new Journal(() => c.ConnectionManager, () => c.Log));
        return builder.Build();
    }

    private async Task CreateJournalAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"""
            set client_min_messages = warning;
            create schema if not exists {_schema};
            comment on schema {_schema} is 'What has been done to this database.';
            create table if not exists {_schema}.{_table} (
                schemaversionsid  integer generated always as identity primary key,
                scriptname        varchar(255) not null,
                applied           timestamp not null
            );
            comment on table {_schema}.{_table} is 'Scripts that have run here, in that order.';
            comment on column {_schema}.{_table}.schemaversionsid is 'Number; rises in the order of running.';
            comment on column {_schema}.{_table}.scriptname is 'Path below db-scripts; for one that is run again when its text changes, a hash of the text too.';
            comment on column {_schema}.{_table}.applied is 'When it ran.';
            grant usage on schema {_schema} to portal_app;
            grant select on {_schema}.{_table} to portal_app;
            reset client_min_messages;
            """);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Of a replaceable script only the last text counts, so that going back to an earlier one is a change too.</summary>
    private sealed class Journal(Func<IConnectionManager> connections, Func<IUpgradeLog> log)
        : PostgresqlTableJournal(connections, log, _schema, _table)
    {
        protected override string GetJournalEntriesSql() => $"""
            select distinct on (split_part(scriptname, ' ', 1)) scriptname
              from {_schema}.{_table}
             order by split_part(scriptname, ' ', 1), schemaversionsid desc
            """;
    }

    // The runner says itself what it does.
    private sealed class SilentLog : IUpgradeLog
    {
        public void LogTrace(string format, params object[] args) { }

        public void LogDebug(string format, params object[] args) { }

        public void LogInformation(string format, params object[] args) { }

        public void LogWarning(string format, params object[] args) { }

        public void LogError(string format, params object[] args) { }

        public void LogError(Exception ex, string format, params object[] args) { }
    }
}
