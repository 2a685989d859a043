using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Portal.Tests.Replication;

/// <summary>Stands between the portal and the old server, so that one test can stop or hang it while others go on using it.</summary>
internal sealed class OldServerLink : IDisposable
{
    private readonly ConcurrentBag<TcpClient> open = [];
    private readonly string host;
    private readonly int port;
    private TcpListener listener;
    private TaskCompletionSource flows = new();

    public OldServerLink(string connectionString)
    {
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        (host, port) = (server.Host ?? "localhost", server.Port);
        listener = Listen(0);
        Resume();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>As a stopped server: connections break, new ones are refused.</summary>
    public void Stop()
    {
        listener.Stop();
        while (open.TryTake(out var client))
        {
            client.Dispose();
        }
    }

    /// <summary>As a server that was stopped and is started again.</summary>
    public void Start(int port) => listener = Listen(port);

    /// <summary>As a server that hangs: connections are accepted and nothing is ever said.</summary>
    public void Hang() => flows = new();

    public void Resume() => flows.TrySetResult();

    public void Dispose()
    {
        Resume();
        Stop();
        listener.Dispose();
    }

    private TcpListener Listen(int at)
    {
        var started = new TcpListener(IPAddress.Loopback, at);
        started.Start();
        _ = Accept(started);
        return started;
    }

    private async Task Accept(TcpListener from)
    {
        try
        {
            while (true)
            {
                var near = await from.AcceptTcpClientAsync();
                var far = new TcpClient();
                open.Add(near);
                open.Add(far);
                await far.ConnectAsync(host, port);
                _ = Pump(near.GetStream(), far.GetStream());
                _ = Pump(far.GetStream(), near.GetStream());
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task Pump(NetworkStream source, NetworkStream target)
    {
        try
        {
            var buffer = new byte[8192];
            while (await source.ReadAsync(buffer) is > 0 and var read)
            {
                await flows.Task;
                await target.WriteAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
        }

        await source.DisposeAsync();
        await target.DisposeAsync();
    }
}
