using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace Portal.Web.Shell;

/// <summary>
/// Keeps what was typed and not yet saved, so that it survives the end of a session, a reload or a restart of the server.
/// It lies in the browser's session storage: for this tab and this account only, gone when the tab is closed.
/// <example><code>
/// // OnInitializedAsync, after loading:   if (await Drafts.TakeAsync($"timesheet-{Id}") is { } json) { restore and say so }
/// // after each change of a field:         await Drafts.SaveAsync($"timesheet-{Id}", json);
/// // after saving to the database:         await Drafts.TakeAsync($"timesheet-{Id}");
/// </code></example>
/// </summary>
public sealed class DraftKeeper(IJSRuntime js, AuthenticationStateProvider authentication) : IAsyncDisposable
{
    private IJSObjectReference? _module;
    private string? _account;

    /// <summary>Keeps a text under a key, in place of what was kept there before.</summary>
    public async Task SaveAsync(string key, string value) =>
        await CallAsync<object?>("save", await KeyAsync(key), value);

    /// <summary>Gives back what was kept under a key, once; null when there is nothing.</summary>
    public async Task<string?> TakeAsync(string key) =>
        await CallAsync<string?>("take", await KeyAsync(key));

    public async ValueTask DisposeAsync()
    {
        try
        {
            await (_module?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        catch (JSDisconnectedException)
        {
            // The tab is gone, and the module with it.
        }
    }

    private async Task<T?> CallAsync<T>(string function, params object?[] arguments)
    {
        try
        {
            _module ??= await js.InvokeAsync<IJSObjectReference>("import", "/shell/drafts.js");
            return await _module.InvokeAsync<T?>(function, arguments);
        }
        catch (Exception exception) when (exception is JSException or JSDisconnectedException or TaskCanceledException)
        {
            // A draft is a convenience: when the browser refuses storage or is gone, the page goes on without.
            return default;
        }
    }

    // Remembered from the first use: when the session has just ended, the draft still belongs to who typed it.
    private async ValueTask<string> KeyAsync(string key)
    {
        _account ??= (await authentication.GetAuthenticationStateAsync()).User.FindFirstValue(ClaimTypes.NameIdentifier);
        return $"{_account}:{key}";
    }
}
