using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Portal.Data.Databases;

namespace Portal.Data.Replication;

/// <summary>
/// Measures how soon a change is visible in the old database: it commits one of a row that is not there, which goes the way of all changes. By
/// one clock, because two servers' clocks differ by more than that takes.
/// </summary>
public sealed class DeliveryProbe([FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <returns>The time from the beginning of the commit; null when nothing is delivered now, or not soon.</returns>
    public async Task<TimeSpan?> MeasureAsync(CancellationToken cancel)
    {
        try
        {
            await using var connection = await newDatabase.OpenConnectionAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await using var queue = new NpgsqlCommand("select replication.queue_probe()", connection, transaction);
            if (await queue.ExecuteScalarAsync(cancel) is not long entry)
            {
                return null;
            }

            var start = Stopwatch.GetTimestamp();
            await transaction.CommitAsync(cancel);
            var committed = Stopwatch.GetElapsedTime(start);
            // What is delivered at the commit is there when that returns. What is queued is not.
            if (await IsDeliveredAsync(connection, entry, cancel))
            {
                return committed;
            }

            while (Stopwatch.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(Pause, cancel);
                if (await IsDeliveredAsync(connection, entry, cancel))
                {
                    return Stopwatch.GetElapsedTime(start);
                }
            }

            return null;
        }
        catch (Exception failure) when (TroubleReader.IsOfDatabase(failure))
        {
            // That it cannot be delivered is found by the breaker.
            return null;
        }
    }

    private static async Task<bool> IsDeliveredAsync(NpgsqlConnection connection, long entry, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select not exists (select from replication.outbox where id = $1)", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = entry });
        return await command.ExecuteScalarAsync(cancel) is true;
    }
}
