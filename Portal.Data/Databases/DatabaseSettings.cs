using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Portal.Data.Databases;

/// <summary>Connections of the running portal: logins that own nothing and change no schema.</summary>
public sealed record ConnectionSettings(string New, string Old)
{
    /// <summary>Whether servers of one's own are configured; otherwise the portal starts its own two.</summary>
    /// <exception cref="SetupException">Only one of the two is configured.</exception>
    public static bool AreConfigured(IConfiguration configuration)
    {
        var (isNew, isOld) = (Has(configuration, "ConnectionStrings:New"), Has(configuration, "ConnectionStrings:Old"));
        if (isNew != isOld)
        {
            throw new SetupException(
                $"ConnectionStrings:{(isNew ? "New" : "Old")} is set, but ConnectionStrings:{(isNew ? "Old" : "New")} is not. "
                + "Set both to use servers of your own, or neither to let the portal start its own.");
        }

        return isNew;
    }

    public static ConnectionSettings From(IConfiguration configuration) => new(
        Settings.ConnectionString(configuration, "ConnectionStrings:New"),
        Settings.ConnectionString(configuration, "ConnectionStrings:Old"));

    private static bool Has(IConfiguration configuration, string key) => !string.IsNullOrWhiteSpace(configuration[key]);
}

/// <summary>How the new server reaches the old one to write there.</summary>
public sealed record ForeignServerSettings(string Host, int Port, string Database, string User, string Password);

/// <summary>What a migration needs to know: its own logins, and those it prepares the databases for.</summary>
/// <param name="New">Login with rights to create in the new database.</param>
/// <param name="Old">The same in the old database.</param>
/// <param name="Portal">The portal's own logins.</param>
/// <param name="ForeignServer">From the new database to the old one.</param>
public sealed record MigrationSettings(string New, string Old, ConnectionSettings Portal, ForeignServerSettings ForeignServer)
{
    /// <summary>Role that owns both databases and all that is in them.</summary>
    public const string OwnerRole = "portal_owner";

    /// <summary>The same connection, acting as <see cref="OwnerRole"/>.</summary>
    public static string AsOwner(string connectionString)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        connection.Options = $"{connection.Options} -c role={OwnerRole}".TrimStart();
        return connection.ConnectionString;
    }

    public static MigrationSettings From(IConfiguration configuration)
    {
        var portal = ConnectionSettings.From(configuration);
        var old = new NpgsqlConnectionStringBuilder(portal.Old);
        var foreign = configuration.GetSection("Replication:ForeignServer");
        return new MigrationSettings(
            Settings.ConnectionString(configuration, "Migration:New"),
            Settings.ConnectionString(configuration, "Migration:Old"),
            portal,
            new ForeignServerSettings(
                Settings.Optional(foreign["Host"]) ?? old.Host ?? "localhost",
                int.TryParse(foreign["Port"], out var port) ? port : old.Port,
                Settings.Optional(foreign["Database"]) ?? old.Database ?? "timesheet_old",
                Settings.Required(configuration, "Replication:ForeignServer:User"),
                Settings.Required(configuration, "Replication:ForeignServer:Password")));
    }
}

/// <summary>The private servers that run when none are configured.</summary>
/// <param name="BinaryDirectory">Folder of <c>initdb</c> and <c>postgres</c>; null: look for it.</param>
/// <param name="DataDirectory">Folder of the two clusters.</param>
public sealed record EmbeddedSettings(string? BinaryDirectory, string DataDirectory)
{
    public static EmbeddedSettings From(IConfiguration configuration)
    {
        var root = RepositoryRoot() ?? Directory.GetCurrentDirectory();
        return new EmbeddedSettings(
            Settings.Optional(configuration["Embedded:BinaryDirectory"]) is { } binaries ? Path.GetFullPath(binaries, root) : null,
            Path.GetFullPath(Settings.Optional(configuration["Embedded:DataDirectory"]) ?? ".portal", root));
    }

    // `dotnet run` and a verb started in another directory must mean the same clusters.
    private static string? RepositoryRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Portal.sln")))
            {
                return directory.FullName;
            }
        }

        return null;
    }
}

internal static class Settings
{
    public static string? Optional(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;

    public static string Required(IConfiguration configuration, string key) =>
        Optional(configuration[key]) ?? throw new SetupException($"{key} is not set. See the configuration table in README.md.");

    public static string ConnectionString(IConfiguration configuration, string key)
    {
        var value = Required(configuration, key);
        try
        {
            // The text itself may hold a password, so the message must not repeat it.
            return new NpgsqlConnectionStringBuilder(value).ConnectionString;
        }
        catch (ArgumentException)
        {
            throw new SetupException($"{key} is not a connection string of the form Host=...;Database=...;Username=...;Password=....");
        }
    }
}
