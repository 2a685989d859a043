using Npgsql;

namespace Portal.Data.Demo;

/// <summary>Hospitals, workers and timesheets to try the portal with.</summary>
public static class DemoData
{
    /// <summary>Whether the new database holds anything already.</summary>
    public static async Task<bool> IsLoadedAsync(NpgsqlDataSource newDatabase, CancellationToken cancellation)
    {
        await using var command = newDatabase.CreateCommand("select exists (select from public.worker)");
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>Fills the new database.</summary>
    /// <param name="newDatabase">As the login that migrates.</param>
    /// <param name="timesheets">How many timesheets there are to be; null: the usual number.</param>
    /// <param name="say">Is told what is being done.</param>
    public static Task LoadAsync(NpgsqlDataSource newDatabase, int? timesheets, Action<string> say, CancellationToken cancellation) =>
        Task.CompletedTask;
}
