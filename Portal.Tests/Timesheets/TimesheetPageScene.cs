using AngleSharp.Dom;
using Bunit;
using MudBlazor;
using Portal.Tests.Support;
using Portal.Web.Timesheets;

namespace Portal.Tests.Timesheets;

/// <summary>One timesheet's page, used as a person uses it: by labels and the words on buttons.</summary>
public abstract class TimesheetPageScene(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private WorkerPages? pages;
    private (IRenderedComponent<TimesheetPage> Page, IRenderedComponent<MudDialogProvider> Dialogs)? shown;

    private protected WorkerPages Pages => pages ?? throw new InvalidOperationException("Nobody is signed in yet.");

    private protected WorkerScene Scene => Pages.Scene;

    private protected IRenderedComponent<TimesheetPage> Page => (shown ?? throw new InvalidOperationException("No page is open yet.")).Page;

    private protected IRenderedComponent<MudDialogProvider> Dialogs => (shown ?? throw new InvalidOperationException("No page is open yet.")).Dialogs;

    public async ValueTask InitializeAsync() => pages = await WorkerPages.Open(database);

    public async ValueTask DisposeAsync()
    {
        await Pages.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected void Open(long id)
    {
        Show(id);
        Page.WaitForElement(".parts");
    }

    private protected void Show(long id) => shown = Pages.Show<TimesheetPage>(p => p.Add(t => t.Id, id));

    private protected string? Value(string label) => Input(label).GetAttribute("value");

    // Found and used in one go, as the page may render in between otherwise.
    private protected Task Type(string label, string value) => Page.InvokeAsync(() => Input(label).Input(value));

    private protected Task Click(string button) =>
        Page.InvokeAsync(() => Page.FindAll("button").Single(b => b.TextContent.Trim() == button).Click());

    private protected Task SayNextDay(bool said) => Page.InvokeAsync(() => NextDay().Change(said));

    private protected IElement NextDay() => Page.Find("input[type=checkbox]");

    private protected void Shows(string text) => Page.WaitForAssertion(() => Page.Markup.ShouldContain(text));

    private protected void Pays(string text) => Page.WaitForAssertion(() =>
        string.Join(' ', Page.Find(".pay").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ShouldBe(text));

    private IElement Input(string label) =>
        Page.Find($"#{Page.FindAll("label").Single(l => l.TextContent.Trim() == label).GetAttribute("for")}");
}
