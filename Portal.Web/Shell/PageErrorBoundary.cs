using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Portal.Web.Shell;

/// <summary>Keeps the portal standing when a page fails, and gives the failure a reference that is in the log as well.</summary>
public sealed partial class PageErrorBoundary : ErrorBoundaryBase
{
    [Inject]
    private ILogger<PageErrorBoundary> Logger { get; set; } = null!;

    /// <summary>What to name when asking for help.</summary>
    public string? Reference { get; private set; }

    protected override Task OnErrorAsync(Exception exception)
    {
        Reference = Guid.NewGuid().ToString("N")[..8];
        LogFailure(Logger, exception, Reference);
        return Task.CompletedTask;
    }

    protected override void BuildRenderTree(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder)
    {
        if (CurrentException is null)
        {
            builder.AddContent(0, ChildContent);
        }
        else if (ErrorContent is not null)
        {
            builder.AddContent(1, ErrorContent(CurrentException));
        }
    }

    [LoggerMessage(LogLevel.Error, "A page failed. Reference {Reference}.")]
    private static partial void LogFailure(ILogger logger, Exception exception, string reference);
}
