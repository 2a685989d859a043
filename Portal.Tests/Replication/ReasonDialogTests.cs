using Bunit;
using Portal.Data.Replication;
using Portal.Web.Replication;

namespace Portal.Tests.Replication;

public sealed class ReasonDialogTests
{
    [Fact]
    public async Task What_was_not_done_can_be_tried_again_with_the_same_reason()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var asked = Ask(pages, Trouble.NewDatabaseAway);

        await TriggersTests.Confirm(pages, "Switch off", "someone played with it");

        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.Find("[role=alert]").TextContent.ShouldContain("cannot be reached. Check that its server runs"));
        pages.Dialogues.Find("textarea").GetAttribute("value").ShouldBe("someone played with it");
        await Press(pages, "Cancel");
        (await asked).ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_done_but_cannot_be_seen_is_not_done_twice()
    {
        await using var pages = await ReplicationPages.CreateAsync();
        var asked = Ask(pages, Trouble.NewDatabaseAway with { Done = "It was done." });

        await TriggersTests.Confirm(pages, "Switch off", "someone played with it");

        await pages.Dialogues.WaitForAssertionAsync(() => pages.Dialogues.Find("[role=alert]").TextContent.ShouldContain("It was done. The new database cannot be reached."));
        pages.Dialogues.FindAll("button").Single(b => b.TextContent.Trim() == "Switch off").HasAttribute("disabled").ShouldBeTrue();
        await Press(pages, "Close");
        (await asked).ShouldBeTrue();
    }

    private static Task<bool> Ask(ReplicationPages pages, Trouble trouble) => pages.Dialogues.InvokeAsync(() =>
        ReasonDialog.Ask(pages.DialogService, new("Switch it off?", "Nothing is delivered then.", "Switch off", _ => Task.FromResult<Trouble?>(trouble))));

    private static Task Press(ReplicationPages pages, string button) => pages.Dialogues.InvokeAsync(() =>
        pages.Dialogues.FindAll("button").Single(b => b.TextContent.Trim() == button).ClickAsync());
}
