using Npgsql;

namespace Portal.Tests.Replication.Faults;

/// <summary>How much of a run's time transactions wrote the old database themselves: a run in which hardly any does proves little.</summary>
internal sealed class LinkShare(FaultScene scene, WorkerLog log)
{
    private int looks;
    private int direct;
    private bool wasDirect;

    public double Share => looks == 0 ? 0 : (double)direct / looks;

    public async Task WatchAsync(Clock clock, long end)
    {
        while (clock.Now < end)
        {
            await Task.Delay(50);
            looks++;
            var isDirect = await IsDirectAsync();
            if (isDirect != wasDirect)
            {
                log.Say(isDirect ? "(written at commit)" : "(queued)");
            }

            wasDirect = isDirect;
            direct += isDirect ? 1 : 0;
        }
    }

    private async Task<bool> IsDirectAsync()
    {
        try
        {
            return (await scene.NewAsync("select breaker = 'closed' and mode = 'synchronous' from replication.control", r => r.GetBoolean(0)))[0];
        }
        catch (NpgsqlException)
        {
            // The new server is being killed.
            return false;
        }
    }
}
