using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Portal.Tests.Replication;

/// <summary>Where a link breaks in the moment of a COMMIT.</summary>
public enum CommitCut
{
    None,

    /// <summary>The old server never hears of it.</summary>
    BeforeItArrives,

    /// <summary>The old server commits, and the answer is lost.</summary>
    BeforeTheAnswer,

    /// <summary>The old server commits, and hangs before the answer: nothing is cut.</summary>
    HangingAnswer,
}

/// <summary>Stands before the old server, so that one test can stop, hang or cut it while others go on using it.</summary>
internal sealed class OldServerLink : IDisposable
{
    private readonly ConcurrentDictionary<Wire, bool> wires = new();
    private readonly string host;
    private readonly int port;
    private TcpListener listener;
    private TaskCompletionSource toServer = new();
    private TaskCompletionSource fromServer = new();
    private TaskCompletionSource newcomers = new();
    private int cut;
    private int waiting;

    public OldServerLink(string connectionString)
    {
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        (host, port) = (server.Host ?? "localhost", server.Port);
        Resume();
        listener = Listen(0);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Breaks the connection of the next COMMIT. Back at <see cref="CommitCut.None"/> when that has happened.</summary>
    public CommitCut NextCommit
    {
        get => (CommitCut)Volatile.Read(ref cut);
        set => Volatile.Write(ref cut, (int)value);
    }

    /// <summary>As a stopped server: connections break, new ones are refused.</summary>
    public void Stop()
    {
        listener.Stop();
        foreach (var wire in wires.Keys)
        {
            wire.Dispose();
        }
    }

    /// <summary>As a server that was stopped and is started again.</summary>
    public void Start(int port) => listener = Listen(port);

    /// <summary>As a server that hangs: connections are accepted, and what is said arrives in neither direction, or not in one.</summary>
    public void Hang(bool questions = true, bool answers = true)
    {
        toServer = questions && toServer.Task.IsCompleted ? Gate() : toServer;
        fromServer = answers && fromServer.Task.IsCompleted ? Gate() : fromServer;
    }

    /// <summary>As a server whose main process hangs: those it has are served, and nobody else is let in.</summary>
    public void HangForNewcomers() => newcomers = newcomers.Task.IsCompleted ? Gate() : newcomers;

    /// <summary>How many have come and not been let in.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>What was held back arrives.</summary>
    public void Resume()
    {
        newcomers.TrySetResult();
        toServer.TrySetResult();
        fromServer.TrySetResult();
    }

    public void Dispose()
    {
        Resume();
        Stop();
        listener.Dispose();
    }

    private static TaskCompletionSource Gate() => new(TaskCreationOptions.RunContinuationsAsynchronously);

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
                _ = Connect(new Wire(await from.AcceptTcpClientAsync()));
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task Connect(Wire wire)
    {
        wires[wire] = true;
        try
        {
            Interlocked.Increment(ref waiting);
            await newcomers.Task;
            Interlocked.Decrement(ref waiting);
            await wire.Far.ConnectAsync(host, port);
            await Task.WhenAny(Questions(wire), Answers(wire));
        }
        catch (Exception away) when (away is SocketException or ObjectDisposedException)
        {
        }

        wire.Dispose();
        wires.TryRemove(wire, out _);
    }

    private Task Questions(Wire wire) => Pump(wire.Near, wire.Far, async message =>
    {
        await toServer.Task;
        if (NextCommit is not CommitCut.None and var wanted && IsCommit(message.Span)
            && Interlocked.CompareExchange(ref cut, (int)CommitCut.None, (int)wanted) == (int)wanted)
        {
            wire.IsMute = wanted != CommitCut.HangingAnswer;
            Hang(questions: false, answers: wanted == CommitCut.HangingAnswer);
            return wanted != CommitCut.BeforeItArrives;
        }

        return true;
    });

    private Task Answers(Wire wire) => Pump(wire.Far, wire.Near, async _ =>
    {
        await fromServer.Task;
        return !wire.IsMute;
    });

    // Ends, and with it the connection, when one end closes or something is not to arrive.
    private static async Task Pump(TcpClient from, TcpClient to, Func<ReadOnlyMemory<byte>, Task<bool>> mayPass)
    {
        try
        {
            var (source, target) = (from.GetStream(), to.GetStream());
            var buffer = new byte[8192];
            while (await source.ReadAsync(buffer) is > 0 and var read && await mayPass(buffer.AsMemory(0, read)))
            {
                await target.WriteAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    // The wrapper sends one statement and waits for its answer, so a COMMIT stands at the beginning: Q, four bytes of length, text.
    private static bool IsCommit(ReadOnlySpan<byte> message) =>
        message.Length > 5 && message[0] == (byte)'Q' && message[5..].StartsWith("COMMIT"u8);

    private sealed class Wire(TcpClient near) : IDisposable
    {
        public TcpClient Near { get; } = near;

        public TcpClient Far { get; } = new();

        public volatile bool IsMute;

        public void Dispose()
        {
            Near.Dispose();
            Far.Dispose();
        }
    }
}
