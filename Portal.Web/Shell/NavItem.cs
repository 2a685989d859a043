using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;
using Portal.Data.Accounts;

namespace Portal.Web.Shell;

/// <summary>A place in the navigation.</summary>
public sealed record NavItem(string Href, string Label, string Icon, NavLinkMatch Match = NavLinkMatch.Prefix)
{
    /// <summary>Where a role can go; the first is where it starts.</summary>
    public static IReadOnlyList<NavItem> For(AccountRole role) => role switch
    {
        AccountRole.Worker => [new("/timesheets", "My timesheets", Icons.Material.Rounded.Schedule)],
        AccountRole.HospitalStaff => [new("/approvals", "Approvals", Icons.Material.Rounded.FactCheck)],
        AccountRole.Admin =>
        [
            new("/replication", "Sync health", Icons.Material.Rounded.MonitorHeart, NavLinkMatch.All),
            new("/replication/plan", "Plan", Icons.Material.Rounded.Route),
            new("/replication/servers", "Servers", Icons.Material.Rounded.Dns),
            new("/replication/triggers", "Triggers", Icons.Material.Rounded.Bolt),
            new("/replication/backfill", "Backfill", Icons.Material.Rounded.MoveUp),
            new("/replication/comparison", "Comparison", Icons.Material.Rounded.CompareArrows),
            new("/replication/rows", "Old and new rows", Icons.Material.Rounded.Difference),
            new("/replication/alarms", "Alarms", Icons.Material.Rounded.NotificationsNone),
            new("/replication/audit", "Audit log", Icons.Material.Rounded.History),
        ],
        _ => [],
    };
}
