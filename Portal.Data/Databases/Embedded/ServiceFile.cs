using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Portal.Data.Databases.Embedded;

/// <summary>Where the private clusters listen and the passwords that were made up for them: the only place they are written down.
/// A connection service file, so that <c>PGSERVICEFILE=.portal/pg_service.conf psql service=timesheet_new</c> works too
/// (https://www.postgresql.org/docs/current/libpq-pgservice.html).</summary>
public sealed class ServiceFile(string path)
{
    private readonly Dictionary<string, Dictionary<string, string>> _services = [];

    /// <summary>Reads the file if it is there.</summary>
    public static ServiceFile Load(string path)
    {
        var file = new ServiceFile(path);
        Dictionary<string, string>? service = null;
        foreach (var line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            if (line.StartsWith('[') && line.EndsWith(']'))
            {
                file._services[line[1..^1]] = service = [];
            }
            else if (service is not null && !line.StartsWith('#') && line.Split('=', 2) is [var key, var value])
            {
                service[key] = value;
            }
        }

        return file;
    }

    /// <summary>Adds a login with a random password unless it is there already.</summary>
    public void Ensure(string service, string database, string user)
    {
        if (!_services.ContainsKey(service))
        {
            _services[service] = new Dictionary<string, string>
            {
                ["host"] = "127.0.0.1",
                ["port"] = "0",
                ["dbname"] = database,
                ["user"] = user,
                ["password"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)),
            };
        }
    }

    public bool Has(string service) => _services.ContainsKey(service);

    public string Password(string service) => _services[service]["password"];

    public int Port(string service) => int.Parse(_services[service]["port"], CultureInfo.InvariantCulture);

    /// <summary>Notes where the cluster of this database listens now.</summary>
    public void MoveTo(int port, string database)
    {
        foreach (var service in _services.Values.Where(s => s["dbname"] == database))
        {
            service["port"] = port.ToString(CultureInfo.InvariantCulture);
        }
    }

    public string ConnectionString(string service) => new NpgsqlConnectionStringBuilder
    {
        Host = _services[service]["host"],
        Port = Port(service),
        Database = _services[service]["dbname"],
        Username = _services[service]["user"],
        Password = Password(service),
    }.ConnectionString;

    /// <summary>Writes the file, readable by its owner alone.</summary>
    public void Save()
    {
        var lines = new StringBuilder("# Made by the portal for its own PostgreSQL servers. Try: PGSERVICEFILE=<this file> psql service=timesheet_new\n");
        foreach (var (service, settings) in _services)
        {
            lines.Append(CultureInfo.InvariantCulture, $"[{service}]\n");
            foreach (var (key, value) in settings)
            {
                lines.Append(CultureInfo.InvariantCulture, $"{key}={value}\n");
            }
        }

        // Written aside and moved, so that a kill at this moment leaves the passwords that were there.
        var aside = path + ".tmp";
        PrivateFile.Write(aside, lines.ToString());
        File.Move(aside, path, overwrite: true);
    }
}
