using System.Globalization;
using Microsoft.AspNetCore.Http;
using Portal.Data.Approvals;

namespace Portal.Web.Approvals;

/// <summary>The three lists of the hospital.</summary>
public enum ApprovalTab
{
    Approve,
    Pay,
    Decided,
}

/// <summary>What the address says is shown. Whatever cannot be read there counts as not said.</summary>
public sealed record ApprovalView(ApprovalTab Tab, ApprovalFilter Filter, int Page)
{
    /// <summary>Reads the parts of the address.</summary>
    public static ApprovalView From(string? tab, string? hospital, string? hours, string? worker, string? outcome, string? page) => new(
        Read<ApprovalTab>(tab) ?? ApprovalTab.Approve,
        new ApprovalFilter(
            long.TryParse(hospital, CultureInfo.InvariantCulture, out var id) ? id : null,
            Read<HoursFilter>(hours),
            string.IsNullOrWhiteSpace(worker) ? null : worker.Trim(),
            Read<OutcomeFilter>(outcome)),
        int.TryParse(page, CultureInfo.InvariantCulture, out var number) && number > 1 ? number : 1);

    /// <summary>Address of the list.</summary>
    public string Link => "approvals" + Query();

    /// <summary>Address of one timesheet, from which the way leads back to this list.</summary>
    public string LinkTo(long id) => $"approvals/{id.ToString(CultureInfo.InvariantCulture)}{Query()}";

    /// <summary>Whether anything is left out of the list.</summary>
    public bool IsFiltered => Filter != new ApprovalFilter();

    private QueryString Query() => QueryString.Create(new (string Name, string? Value)[]
    {
        ("tab", Tab == ApprovalTab.Approve ? null : Word<ApprovalTab>(Tab)),
        ("hospital", Filter.HospitalId?.ToString(CultureInfo.InvariantCulture)),
        ("hours", Word(Filter.Hours)),
        ("worker", Filter.Worker),
        ("outcome", Word(Filter.Outcome)),
        ("page", Page > 1 ? Page.ToString(CultureInfo.InvariantCulture) : null),
    }.Where(part => part.Value is not null).Select(part => KeyValuePair.Create(part.Name, part.Value)));

    // Names only: "1" is a number to Enum.TryParse, and no word of an address.
    private static T? Read<T>(string? word)
        where T : struct, Enum =>
        Enum.GetNames<T>().FirstOrDefault(name => name.Equals(word, StringComparison.OrdinalIgnoreCase)) is { } name
            ? Enum.Parse<T>(name)
            : null;

#pragma warning disable CA1308 // Addresses are written in lower case.
    private static string? Word<T>(T? value)
        where T : struct, Enum => value?.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
