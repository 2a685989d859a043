namespace Portal.Data.Databases.Embedded;

/// <summary>Files for passwords.</summary>
internal static class PrivateFile
{
    /// <summary>Writes a file that only its owner can read, from the first moment on.</summary>
    public static void Write(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // One that was left would keep its own permissions.
        File.Delete(path);
        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }
}
