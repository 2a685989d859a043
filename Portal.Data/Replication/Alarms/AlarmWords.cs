namespace Portal.Data.Replication.Alarms;

/// <summary>How alarms are called, on the pages and in messages.</summary>
public static class AlarmWords
{
    public static string Title(string cause) => cause switch
    {
        "drift" => "Rows differ in the old database",
        "breaker" => "The old database cannot be written",
        "outbox" => "Changes wait too long",
        "set_aside" => "The old database refuses rows",
        "trigger" => "A trigger does not do its work",
        "schema" => "The old table has changed",
        "old_written" => "Somebody else writes to the old database",
        _ => cause,
    };

    /// <summary>Where an admin sees more of it.</summary>
    public static string Page(string cause) => cause switch
    {
        "drift" => "replication/comparison",
        "trigger" => "replication/triggers",
        "schema" => "replication/servers",
        "old_written" => "replication/plan",
        _ => "replication",
    };
}
