using System.Data.Common;
using Microsoft.AspNetCore.Components;
using Portal.Data.Replication.Alarms;
using Portal.Web.Accounts;

namespace Portal.Web.Replication.Alarms;

/// <summary>Shows how many alarms last, and follows.</summary>
public sealed partial class AlarmBell(AlarmBook book, AlarmSignal signal, CurrentCaller caller) : ComponentBase, IDisposable
{
    private int open;
    private bool isDisposed;

    private string Label => open switch
    {
        0 => "No alarms",
        1 => "1 alarm",
        _ => $"{open} alarms",
    };

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            signal.Rang += Follow;
            await Read();
        }
    }

    private void Follow() => _ = InvokeAsync(Read);

    private async Task Read()
    {
        if (isDisposed)
        {
            return;
        }

        try
        {
            var answer = await book.List(await caller.GetAsync(), onlyOpen: true);
            if (answer.Value is { } page && page.OpenCount != open && !isDisposed)
            {
                open = page.OpenCount;
                StateHasChanged();
            }
        }
        catch (Exception failure) when ((failure as DbException ?? failure.InnerException) is DbException)
        {
            // Accounts are in the new database. It stays as it was until that is back.
        }
    }

    public void Dispose()
    {
        isDisposed = true;
        signal.Rang -= Follow;
    }
}
