namespace Portal.Data.Replication.Alarms;

/// <summary>When there is an alarm and who is told; section <c>Alarms</c> of the configuration.</summary>
public sealed class AlarmOptions
{
    public const string Section = "Alarms";

    /// <summary>How often it is looked whether something is the matter.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a change may wait for the old database before that is an alarm.</summary>
    public TimeSpan OutboxOlderThan { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a cause has to be gone before its alarm is resolved, so that what comes and goes is one alarm.</summary>
    public TimeSpan Quiet { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Where people open the portal, for links in messages; without it there are none.</summary>
    public Uri? PortalAddress { get; set; }

    public EmailOptions Email { get; set; } = new();

    public WebhookOptions Webhook { get; set; } = new();
}

/// <summary>How alarms are sent by e-mail; without a host and a recipient they are not.</summary>
public sealed class EmailOptions
{
    public string? Host { get; set; }

    public int Port { get; set; } = 587;

    /// <summary>none, auto (encrypted when the server offers it), starttls or tls.</summary>
    public string Security { get; set; } = "auto";

    public string? User { get; set; }

    public string? Password { get; set; }

    public string From { get; set; } = "portal@localhost";

    /// <summary>One or several addresses, separated by commas.</summary>
    public string? To { get; set; }

    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>Where alarms are posted to as JSON; without an address they are not.</summary>
public sealed class WebhookOptions
{
    public Uri? Url { get; set; }

    /// <summary>Sent as <c>Authorization: Bearer ...</c>.</summary>
    public string? Token { get; set; }

    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);
}
