using Portal.Data.Approvals;
using Portal.Web.Approvals;

namespace Portal.Tests.Approvals;

public sealed class ApprovalViewTests
{
    [Fact]
    public void Nothing_said_is_the_queue()
    {
        var view = ApprovalView.From(null, null, null, null, null, null);

        view.ShouldBe(new ApprovalView(ApprovalTab.Approve, new ApprovalFilter(), 1));
        view.Link.ShouldBe("approvals");
        view.LinkTo(7).ShouldBe("approvals/7");
    }

    [Fact]
    public void An_address_says_everything_and_is_read_back()
    {
        var view = new ApprovalView(ApprovalTab.Decided, new ApprovalFilter(15, HoursFilter.AsPlanned, "O'Neill & Söhne", OutcomeFilter.Paid), 3);

        view.Link.ShouldBe("approvals?tab=decided&hospital=15&hours=asplanned&worker=O%27Neill%20%26%20S%C3%B6hne&outcome=paid&page=3");
        ApprovalView.From("decided", "15", "asplanned", "O'Neill & Söhne", "paid", "3").ShouldBe(view);
    }

    [Theory]
    [InlineData("1", "x", "2", "-4")]
    [InlineData("", "", "", "0")]
    [InlineData("pay,decided", "99999999999999999999", "amended,asplanned", "99999999999")]
    public void What_cannot_be_read_counts_as_not_said(string tab, string hospital, string hours, string page) =>
        ApprovalView.From(tab, hospital, hours, " ", "3", page).ShouldBe(new ApprovalView(ApprovalTab.Approve, new ApprovalFilter(), 1));
}
