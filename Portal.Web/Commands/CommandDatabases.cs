using Portal.Data.Databases;
using Portal.Data.Databases.Embedded;

namespace Portal.Web.Commands;

/// <summary>The databases of one verb: the configured ones, or the embedded ones for as long as this lives.</summary>
/// <param name="configuration">All values, those of the embedded databases included.</param>
internal sealed class CommandDatabases(IConfiguration configuration, EmbeddedDatabases? embedded) : IAsyncDisposable
{
    public IConfiguration Configuration { get; } = configuration;

    /// <summary>Whether the portal runs its own servers.</summary>
    public bool AreEmbedded => embedded is not null;

    /// <summary>Reads the configuration; starts or joins the embedded databases if none are configured.</summary>
    /// <param name="settings">Configuration values of the command line.</param>
    /// <param name="say">Is told what happens; not the standard output where that is to be read by a program.</param>
    public static async Task<CommandDatabases> OpenAsync(IReadOnlyList<string> settings, Action<string> say, CancellationToken cancellation)
    {
        var configuration = CreateBuilder(settings).Configuration;
        return new CommandDatabases(configuration, await StartEmbeddedAsync(configuration, asPortal: false, say, cancellation));
    }

    /// <summary>The application as every verb configures it, so that all of them mean the same databases.</summary>
    public static WebApplicationBuilder CreateBuilder(IReadOnlyList<string> settings) =>
        // appsettings.json lies beside the program, whatever the current directory.
        WebApplication.CreateBuilder(new WebApplicationOptions { Args = [.. settings], ContentRootPath = AppContext.BaseDirectory });

    /// <summary>Starts or joins the embedded databases if none are configured, and adds what they are called to the configuration.</summary>
    public static async Task<EmbeddedDatabases?> StartEmbeddedAsync(
        IConfigurationManager configuration, bool asPortal, Action<string> say, CancellationToken cancellation)
    {
        if (ConnectionSettings.AreConfigured(configuration))
        {
            return null;
        }

        var embedded = await EmbeddedDatabases.StartAsync(EmbeddedSettings.From(configuration), asPortal, say, cancellation);
        configuration.AddInMemoryCollection(embedded.Configuration);
        return embedded;
    }

    public ValueTask DisposeAsync() => embedded?.DisposeAsync() ?? ValueTask.CompletedTask;
}
