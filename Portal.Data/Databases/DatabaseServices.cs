using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Portal.Data.Databases;

public static class DatabaseServices
{
    /// <summary>Adds the sources of connections, by the keys of <see cref="DatabaseNames"/>, and the factory of <see cref="PortalDbContext"/>.</summary>
    public static IServiceCollection AddPortalDatabases(this IServiceCollection services, IConfiguration configuration)
    {
        // Read when first needed: what is configured may be added to until the application is built.
        services.AddKeyedSingleton(DatabaseNames.New, (_, _) => DataSource(ConnectionSettings.From(configuration).New));
        services.AddKeyedSingleton(DatabaseNames.Old, (_, _) => DataSource(ConnectionSettings.From(configuration).Old));
        services.AddDbContextFactory<PortalDbContext>((provider, options) =>
            options.UsePortalDatabase(provider.GetRequiredKeyedService<NpgsqlDataSource>(DatabaseNames.New)));
        return services;
    }

    /// <summary>The way every context of the portal speaks to the new database.</summary>
    public static DbContextOptionsBuilder UsePortalDatabase(this DbContextOptionsBuilder options, NpgsqlDataSource database) =>
        options
            .UseNpgsql(database, npgsql => npgsql.UseNodaTime().ExecutionStrategy(dependencies => new RepeatRolledBack(dependencies)))
            .UseSnakeCaseNamingConvention();

    /// <summary>A source of connections that reads and writes NodaTime's types.</summary>
    public static NpgsqlDataSource DataSource(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.ConnectionStringBuilder.ApplicationName ??= "portal";
        builder.UseNodaTime();
        return builder.Build();
    }
}
