namespace Portal.Web.Commands;

/// <summary>What the process ends with.</summary>
public static class ExitCodes
{
    /// <summary>Done; nothing differs.</summary>
    public const int Done = 0;

    /// <summary>Differences were found.</summary>
    public const int Differences = 1;

    /// <summary>It could not be done, or could not be told.</summary>
    public const int CouldNot = 2;

    /// <summary>Ctrl+C or a signal to end.</summary>
    public const int Interrupted = 130;
}
