namespace Portal.Data.Databases;

/// <summary>The two databases, as the keys of their <see cref="Npgsql.NpgsqlDataSource"/>s and in configuration keys.</summary>
public static class DatabaseNames
{
    /// <summary><c>timesheet_new</c>: all writing happens here.</summary>
    public const string New = "new";

    /// <summary><c>timesheet_old</c>: follows the new one.</summary>
    public const string Old = "old";
}
