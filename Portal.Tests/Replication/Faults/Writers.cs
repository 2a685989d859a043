using System.Data;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Tests.Replication.Faults;

/// <summary>Users of the new database, all at once, who keep in mind what became of each of their writes.</summary>
internal sealed class Writers(MigrationSettings settings, int seed, int count, Histories histories, Failures failures, Clock clock)
{
    private volatile bool isEnough;

    /// <summary>Half of them write as the portal does, half as the owner.</summary>
    public Task RunAsync() => Task.WhenAll(Enumerable.Range(1, count).Select(writer => Task.Run(() => writer % 2 == 0
        ? WriteAsync(new Operations(seed, writer, count, mayDelete: false), settings.Portal.New)
        : WriteAsync(new Operations(seed, writer, count, mayDelete: true), MigrationSettings.AsOwner(settings.New)))));

    public void Stop() => isEnough = true;

    private async Task WriteAsync(Operations operations, string login)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(login) { Pooling = false, CommandTimeout = 60 }.ConnectionString;
        NpgsqlConnection? connection = null;
        while (!isEnough)
        {
            var operation = operations.Next();
            if (connection is null || operation.ReconnectsFirst)
            {
                await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
                connection = await ConnectAsync(connectionString);
            }

            if (!await RunAsync(operation, connection, connectionString))
            {
                await connection.DisposeAsync();
                connection = null;
            }
        }

        await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <returns>Whether the session can be used further.</returns>
    private async Task<bool> RunAsync(Operation operation, NpgsqlConnection connection, string connectionString)
    {
        var began = clock.Now;
        var writes = new List<Write>();
        var ending = new Ending();
        var isCommitting = operation.Isolation is null;
        try
        {
            await RunAsync(operation, connection, writes, ending, () => isCommitting = true);
            ending.Outcome = operation.Finish == Finish.Commit ? Outcome.Acknowledged : Outcome.Refused;
            failures.Succeeded(began);
            return true;
        }
        catch (PostgresException refusal) when (refusal.InvariantSeverity == "ERROR")
        {
            ending.Outcome = Outcome.Refused;
            if (operation.Finish != Finish.Fail || refusal.SqlState != PostgresErrorCodes.DivisionByZero)
            {
                failures.Refused(refusal, operation, began, clock.Now);
            }

            return await RollBackAsync(connection, operation);
        }
        catch (Exception broken) when (broken is NpgsqlException or TimeoutException or IOException or ObjectDisposedException)
        {
            // What was not yet told to commit never will be. A statement alone may have committed without saying what it changed.
            if (operation is { Isolation: null, Steps: [var alone] })
            {
                writes.AddRange(Enumerable.Range(alone.From, alone.To - alone.From + 1).SelectMany(id => alone.Of(id, began, ending)));
            }

            ending.Outcome = isCommitting ? Outcome.Unknown : Outcome.Refused;
            failures.Broken(broken, isCommitting, began, clock.Now);
            // The server is back: if it has not committed by now, it never will.
            await using var back = await ConnectAsync(connectionString);
            return false;
        }
        finally
        {
            ending.At = clock.Now;
            histories.Add(writes);
        }
    }

    private async Task RunAsync(Operation operation, NpgsqlConnection connection, List<Write> writes, Ending ending, Action commits)
    {
        if (operation.Isolation is { } isolation)
        {
            await ExecuteAsync(connection, $"begin isolation level {isolation}");
        }

        foreach (var step in operation.Steps)
        {
            if (step.IsUndone)
            {
                await ExecuteAsync(connection, "savepoint before_step");
            }

            var (invoked, writer) = (clock.Now, step.IsUndone ? new Ending() : ending);
            foreach (var id in await ExecuteAsync(connection, step.Sql))
            {
                writes.AddRange(step.Of(id, invoked, writer));
            }

            if (step.IsFlushed)
            {
                await ExecuteAsync(connection, "set constraints all immediate");
            }

            if (step.IsUndone)
            {
                await ExecuteAsync(connection, "rollback to before_step");
            }
        }

        if (operation.Finish == Finish.Fail)
        {
            await ExecuteAsync(connection, "select 1 / 0");
        }
        else if (operation.Isolation is not null)
        {
            if (operation.Finish == Finish.Commit)
            {
                commits();
            }

            await ExecuteAsync(connection, operation.Finish == Finish.Commit ? "commit" : "rollback");
        }
    }

    private static async Task<bool> RollBackAsync(NpgsqlConnection connection, Operation operation)
    {
        try
        {
            if (operation.Isolation is not null && connection.State == ConnectionState.Open)
            {
                await ExecuteAsync(connection, "rollback");
            }

            return connection.State == ConnectionState.Open;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static async Task<NpgsqlConnection> ConnectAsync(string connectionString)
    {
        while (true)
        {
            var connection = new NpgsqlConnection(connectionString);
            try
            {
                await connection.OpenAsync();
                return connection;
            }
            catch (Exception away) when (away is NpgsqlException or TimeoutException)
            {
                await connection.DisposeAsync();
                await Task.Delay(20);
            }
        }
    }

    private static async Task<List<long>> ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var rows = await command.ExecuteReaderAsync();
        var ids = new List<long>();
        while (await rows.ReadAsync())
        {
            ids.Add(rows.GetInt64(0));
        }

        // The commit of a statement alone comes after its rows.
        await rows.NextResultAsync();

        return ids;
    }
}
