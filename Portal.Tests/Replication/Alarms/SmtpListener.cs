using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MimeKit;

namespace Portal.Tests.Replication.Alarms;

/// <summary>A mail server that takes what it is given, or refuses it.</summary>
internal sealed class SmtpListener : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource gone = new();
    private readonly Task serving;

    public SmtpListener()
    {
        listener.Start();
        serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public ConcurrentQueue<MimeMessage> Messages { get; } = new();

    /// <summary>What it says when a recipient is named.</summary>
    public string ToRecipient { get; set; } = "250 OK";

    /// <summary>Says nothing at all.</summary>
    public bool Hangs { get; set; }

    private async Task ServeAsync()
    {
        List<Task> sessions = [];
        try
        {
            while (true)
            {
                sessions.Add(SessionAsync(await listener.AcceptTcpClientAsync(gone.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task SessionAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                if (Hangs)
                {
                    await Task.Delay(Timeout.Infinite, gone.Token);
                }

                var stream = client.GetStream();
                using var reader = new StreamReader(stream);
                await using var writer = new StreamWriter(stream) { NewLine = "\r\n", AutoFlush = true };
                await writer.WriteLineAsync("220 test");
                while (await reader.ReadLineAsync(gone.Token) is { } line)
                {
                    await writer.WriteLineAsync(await AnswerAsync(line, reader, writer));
                }
            }
            catch (Exception end) when (end is IOException or OperationCanceledException)
            {
                // The other side, or the test, is gone.
            }
        }
    }

    private async Task<string> AnswerAsync(string line, StreamReader reader, StreamWriter writer)
    {
        var word = line.Split(' ', ':')[0].ToUpperInvariant();
        if (word != "DATA")
        {
            return word switch { "QUIT" => "221 bye", "RCPT" => ToRecipient, _ => "250 OK" };
        }

        await writer.WriteLineAsync("354 go on");
        var text = new List<string>();
        while (await reader.ReadLineAsync(gone.Token) is { } part && part != ".")
        {
            text.Add(part);
        }

        using var bytes = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Join("\r\n", text)));
        Messages.Enqueue(await MimeMessage.LoadAsync(bytes));
        return "250 taken";
    }

    public async ValueTask DisposeAsync()
    {
        await gone.CancelAsync();
        listener.Stop();
        await serving;
    }
}
