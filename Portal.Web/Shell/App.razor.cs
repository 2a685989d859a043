using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;

namespace Portal.Web.Shell;

/// <summary>
/// The document around every page. Pages are interactive; those that say [ExcludeFromInteractiveRouting], which are the
/// account pages, are plain HTML without any Blazor script.
/// </summary>
public partial class App
{
    // Not prerendered: a page would load its data twice, and a form filled in before the circuit is there would be lost.
    private static readonly InteractiveServerRenderMode Interactive = new(prerender: false);

    [CascadingParameter]
    private HttpContext? HttpContext { get; set; }

    private bool IsInteractive => HttpContext?.AcceptsInteractiveRouting() is not false;

    private InteractiveServerRenderMode? Mode => IsInteractive ? Interactive : null;
}
