namespace Portal.Data.Replication;

/// <summary>A server that the new database reaches through <c>postgres_fdw</c>.</summary>
/// <param name="Name">Its name in the new database.</param>
/// <param name="Owner">The role that owns it.</param>
/// <param name="Options">How it is reached; never a password.</param>
/// <param name="UserMappings">Who logs in there as whom.</param>
/// <param name="Tables">The imported picture of its tables.</param>
/// <param name="Reach">What a read through it met just now; null when it has no table that the portal may read.</param>
public sealed record ForeignServer(
    string Name,
    string Owner,
    IReadOnlyList<ServerOption> Options,
    IReadOnlyList<UserMapping> UserMappings,
    IReadOnlyList<ForeignTable> Tables,
    Reach? Reach);

/// <summary>One setting of a foreign server.</summary>
public sealed record ServerOption(string Name, string Value);

/// <summary>A local role and the user it is on the other side.</summary>
/// <param name="LocalRole">Role in the new database; <c>public</c> stands for everyone without a mapping of their own.</param>
/// <param name="RemoteUser">User there; null when the portal may not see it.</param>
public sealed record UserMapping(string LocalRole, string? RemoteUser);

/// <summary>A foreign table as it was imported, which need not be what the other side has now.</summary>
/// <param name="IsReadable">Whether the portal may read it; some are for the replication alone.</param>
public sealed record ForeignTable(string Schema, string Name, bool IsReadable);

/// <summary>All foreign servers, and the old database as the portal's own connection finds it.</summary>
/// <param name="Directly">What the portal's own connection met.</param>
/// <param name="Old">What the old database says of itself; null when it could not be asked.</param>
/// <param name="Schema">The imported tables beside the real ones, as of the last look.</param>
public sealed record ServerReport(IReadOnlyList<ForeignServer> Servers, Reach Directly, OldSide? Old, SchemaReport Schema);
