namespace Portal.Data.Replication;

/// <summary>Ends a service's work with an answer for a person; <see cref="AdminOnly"/> makes it one.</summary>
internal sealed class TroubleException(Trouble trouble) : Exception(trouble.Summary)
{
    public Trouble Trouble { get; } = trouble;
}
