using Npgsql;

namespace Portal.Data.Replication.Comparing;

/// <summary>Tries again what failed because somebody else held what was needed.</summary>
internal static class Busy
{
    private const int Tries = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static async Task<T> Retry<T>(Func<Task<T>> act, TimeProvider time, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await act();
            }
            catch (PostgresException busy) when (ReplicationWorker.IsBusy(busy) && tries < Tries)
            {
                await Task.Delay(Pause, time, cancel);
            }
        }
    }
}
