using Portal.Tests.Support;

namespace Portal.Tests.Approvals;

/// <summary>One pair of databases for a class of tests. Each test has its own hospitals in it.</summary>
public sealed class HospitalDatabase : IAsyncLifetime
{
    private readonly Lazy<Task<TestDatabases>> databases = new(TestDatabases.CreateAsync);

    public Task<TestDatabases> Databases => databases.Value;

    internal async Task<HospitalScene> Scene() => await HospitalScene.Create(await Databases);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (databases.IsValueCreated)
        {
            await (await databases.Value).DisposeAsync();
        }
    }
}
