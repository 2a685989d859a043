using Microsoft.EntityFrameworkCore;
using Portal.Data.Databases;

namespace Portal.Tests.Support;

/// <summary>One pair of databases for all tests of a class, which then must not mind each other's rows:
/// <c>class SomeTests(DatabaseFixture database) : IClassFixture&lt;DatabaseFixture&gt;</c>.</summary>
public sealed class DatabaseFixture : IAsyncLifetime, IDbContextFactory<PortalDbContext>
{
    private TestDatabases? _databases;

    public TestDatabases Databases => _databases ?? throw new InvalidOperationException("The databases are not there yet.");

    public PortalDbContext CreateDbContext() => Databases.CreateDbContext();

    public async ValueTask InitializeAsync() => _databases = await TestDatabases.CreateAsync();

    public async ValueTask DisposeAsync() => await (_databases?.DisposeAsync() ?? ValueTask.CompletedTask);
}
