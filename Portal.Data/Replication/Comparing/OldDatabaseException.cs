namespace Portal.Data.Replication.Comparing;

/// <summary>A failure of the old database, asked over the portal's own connection.</summary>
internal sealed class OldDatabaseException(Exception failure) : Exception(failure.Message, failure);
