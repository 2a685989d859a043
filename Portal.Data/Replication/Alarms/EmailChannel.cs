using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;
using NodaTime.Text;

namespace Portal.Data.Replication.Alarms;

/// <summary>Tells of alarms by e-mail, one message for each event.</summary>
public sealed class EmailChannel(IOptions<AlarmOptions> options) : IAlarmChannel
{
    private static readonly InstantPattern Time = InstantPattern.CreateWithInvariantCulture("d MMM yyyy HH:mm:ss 'UTC'");

    private readonly AlarmOptions options = options.Value;

    public string Name => "email";

    public bool IsOn => !string.IsNullOrWhiteSpace(options.Email.Host) && !string.IsNullOrWhiteSpace(options.Email.To);

    public async Task TellAsync(AlarmEvent what, CancellationToken cancel)
    {
        var email = options.Email;
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            deadline.CancelAfter(email.Timeout);
            using var client = new SmtpClient();
            await client.ConnectAsync(email.Host ?? "", email.Port, Security(email.Security), deadline.Token);
            if (!string.IsNullOrEmpty(email.User))
            {
                await client.AuthenticateAsync(email.User, email.Password ?? "", deadline.Token);
            }

            await client.SendAsync(Message(what), deadline.Token);
            await client.DisconnectAsync(quit: true, deadline.Token);
        }
        catch (Exception failure) when (Reason(failure, cancel) is { } reason)
        {
            throw new AlarmNotToldException(reason, failure);
        }
    }

    private MimeMessage Message(AlarmEvent what)
    {
        var message = new MimeMessage
        {
            Subject = $"[Portal] {(what.IsResolved ? "Resolved: " : "")}{AlarmWords.Title(what.Cause)}{(what.Subject.Length == 0 ? "" : $" ({what.Subject})")}",
            // The same event has the same number, should it be sent twice, and its end is an answer to its beginning.
            MessageId = Number(what.AlarmId, what.Event),
            Body = new TextPart("plain") { Text = Text(what) },
        };
        message.From.Add(MailboxAddress.Parse(options.Email.From));
        message.To.AddRange(InternetAddressList.Parse(options.Email.To ?? ""));
        message.Headers[HeaderId.AutoSubmitted] = "auto-generated";
        if (what.IsResolved)
        {
            message.InReplyTo = Number(what.AlarmId, "opened");
        }

        return message;
    }

    private string Text(AlarmEvent what) => string.Join("\r\n", new[]
    {
        what.IsResolved ? "This has ended." : null,
        what.Text,
        "",
        $"Since {Time.Format(what.OpenedAt)}{(what.ResolvedAt is { } end ? $" until {Time.Format(end)}" : "")}.",
        options.PortalAddress is { } portal ? new Uri(portal, AlarmWords.Page(what.Cause)).AbsoluteUri : null,
    }.OfType<string>());

    private string Number(long alarm, string name) => $"alarm-{alarm}-{name}@{MailboxAddress.Parse(options.Email.From).Domain}";

    private static SecureSocketOptions Security(string word) => word.ToUpperInvariant() switch
    {
        "NONE" => SecureSocketOptions.None,
        "STARTTLS" => SecureSocketOptions.StartTls,
        "TLS" => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.StartTlsWhenAvailable,
    };

    private static string? Reason(Exception failure, CancellationToken cancel) => failure switch
    {
        AuthenticationException or SslHandshakeException or System.Security.Authentication.AuthenticationException => "The mail server refused the login or the encryption.",
        SmtpCommandException refused => $"The mail server refused the message ({(int)refused.StatusCode}).",
        ProtocolException or ServiceNotConnectedException => "The mail server did not keep to the protocol.",
        SocketException or IOException => "The mail server cannot be reached.",
        ParseException => "Alarms:Email:From or To is no address.",
        OperationCanceledException when !cancel.IsCancellationRequested => "The mail server did not answer in time.",
        _ => null,
    };
}
