using NodaTime;

namespace Portal.Data.Replication;

/// <summary>A row that the old table refuses. It holds back no other and is tried again.</summary>
/// <param name="Mapping">Which old table.</param>
/// <param name="Key">The row's key.</param>
/// <param name="Code">SQLSTATE of the refusal.</param>
/// <param name="Message">The old database's own words; for admins only, as they may quote values.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="NextAttemptAt">When it is tried again.</param>
public sealed record SetAsideRow(string Mapping, long Key, string Code, string Message, int Attempts, Instant NextAttemptAt);
