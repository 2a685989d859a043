using Npgsql;

namespace Portal.Data.Replication.Comparing;

/// <summary>Tries again what failed because somebody else held what was needed.</summary>
internal static class Busy
{
    // A statement that changes a million rows holds their locks until all are written.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    public static async Task<T> Retry<T>(Func<Task<T>> act, TimeProvider time, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await act();
            }
            catch (PostgresException busy) when (ReplicationWorker.IsBusy(busy) && time.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(Pause * tries < LongestPause ? Pause * tries : LongestPause, time, cancel);
            }
        }
    }
}
