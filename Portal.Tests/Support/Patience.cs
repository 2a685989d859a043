using System.Runtime.CompilerServices;
using Bunit;
using Microsoft.Playwright;

namespace Portal.Tests.Support;

/// <summary>How long a test waits for what should come soon: only one that fails waits so long, so a busy machine fails none.</summary>
internal static class Patience
{
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(60);

    [ModuleInitializer]
    internal static void ForPages()
    {
        BunitContext.DefaultWaitTimeout = Length;
        Assertions.SetDefaultExpectTimeout((float)Length.TotalMilliseconds);
    }
}
