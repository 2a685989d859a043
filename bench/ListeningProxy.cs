using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portal.Bench;

/// <summary>What one server asked another before it waited for the answer: one round trip.</summary>
/// <param name="Text">The SQL, as far as it is said; empty for the execution of what was prepared before.</param>
/// <param name="IsStatement">Whether something was executed, besides BEGIN, COMMIT, savepoints and the like.</param>
internal sealed record Question(string Text, bool IsStatement);

/// <summary>Passes on what is said between two servers, and notes every question.</summary>
internal sealed class ListeningProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopped = new();
    private readonly ConcurrentQueue<Question> questions = new();
    private readonly int target;

    public ListeningProxy(int target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>All questions since this was last asked.</summary>
    public IReadOnlyList<Question> Heard()
    {
        var heard = new List<Question>();
        while (questions.TryDequeue(out var question))
        {
            heard.Add(question);
        }

        return heard;
    }

    public void Dispose()
    {
        stopped.Cancel();
        listener.Dispose();
        stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await listener.AcceptTcpClientAsync(stopped.Token));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The measurement is over.
        }
    }

    private async Task PassAsync(TcpClient near)
    {
        using var far = new TcpClient { NoDelay = true };
        using (near)
        {
            near.NoDelay = true;
            await far.ConnectAsync(IPAddress.Loopback, target, stopped.Token);
            // A question may come in several pieces; it is one until something was answered.
            var answered = 1;
            await Task.WhenAny(
                PumpAsync(near.GetStream(), far.GetStream(), piece =>
                {
                    if (Interlocked.Exchange(ref answered, 0) == 1)
                    {
                        questions.Enqueue(Read(piece.Span));
                    }
                }),
                PumpAsync(far.GetStream(), near.GetStream(), _ => Interlocked.Exchange(ref answered, 1)));
        }
    }

    // https://www.postgresql.org/docs/current/protocol-message-formats.html: a letter, the length in four bytes, the content.
    private static Question Read(ReadOnlySpan<byte> message) => message switch
    {
        // A query without parameters: postgres_fdw's transaction control.
        [(byte)'Q', ..] => new Question(TextAt(message, 5), IsStatement: false),
        // To be parsed under no name: executed at once. Under a name: prepared only.
        [(byte)'P', _, _, _, _, 0, ..] => new Question(TextAt(message, 6), IsStatement: true),
        [(byte)'P', ..] => new Question("PREPARE", IsStatement: false),
        [(byte)'B', ..] => new Question("", IsStatement: true),
        _ => new Question("?", IsStatement: false),
    };

    private static string TextAt(ReadOnlySpan<byte> message, int start)
    {
        var rest = message[Math.Min(start, message.Length)..];
        var end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, Action<ReadOnlyMemory<byte>> hear)
    {
        try
        {
            var buffer = new byte[8192];
            while (await from.ReadAsync(buffer, stopped.Token) is > 0 and var read)
            {
                hear(buffer.AsMemory(0, read));
                await to.WriteAsync(buffer.AsMemory(0, read), stopped.Token);
            }
        }
        catch (Exception end) when (end is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One of them has hung up.
        }
    }
}
