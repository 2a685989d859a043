using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Portal.Data.Accounts;

namespace Portal.Web.Shell;

/// <summary>Who is signed in, and what they can do with their account.</summary>
public partial class UserMenu(IJSRuntime js)
{
    private ElementReference _signOut;

    [Parameter, EditorRequired]
    public required Caller Caller { get; set; }

    private string Initials
    {
        get
        {
            var parts = Caller.Name.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return string.Concat(parts.Take(1).Concat(parts.Skip(1).TakeLast(1)).Select(part => part[..1])).ToUpperInvariant();
        }
    }

    private async Task SignOutAsync()
    {
        await using var module = await js.InvokeAsync<IJSObjectReference>("import", "/Shell/UserMenu.razor.js");
        await module.InvokeVoidAsync("submit", _signOut);
    }
}
