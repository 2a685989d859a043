namespace Portal.Data.Databases.Embedded;

/// <summary>A lock between processes. The operating system lets go of it when its holder ends, however it ends.</summary>
internal sealed class FileLock : IDisposable
{
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Takes the lock if nobody else has it.</summary>
    public static FileLock? TryTake(string path) => TryOpen(path, FileAccess.ReadWrite, FileShare.None);

    /// <summary>Takes a share of the lock; null while somebody has it alone.</summary>
    public static FileLock? TryShare(string path) => TryOpen(path, FileAccess.Read, FileShare.Read);

    /// <summary>Waits for the lock.</summary>
    /// <param name="waiting">Called once if it has to be waited for.</param>
    public static async Task<FileLock> TakeAsync(string path, Action waiting, CancellationToken cancellation)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            if (TryTake(path) is { } taken)
            {
                return taken;
            }

            if (isFirst)
            {
                waiting();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
        }
    }

    public void Dispose() => _file.Dispose();

    private static FileLock? TryOpen(string path, FileAccess access, FileShare share)
    {
        try
        {
            return new FileLock(new FileStream(path, FileMode.OpenOrCreate, access, share));
        }
        catch (IOException exception) when (exception is not (DirectoryNotFoundException or PathTooLongException))
        {
            return null;
        }
    }
}
