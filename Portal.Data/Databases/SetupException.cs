namespace Portal.Data.Databases;

/// <summary>Something outside the portal is not as it must be. The message says what, and what to do; it is shown as it stands.</summary>
public sealed class SetupException(string message, Exception? cause = null) : Exception(message, cause);
