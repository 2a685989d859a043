using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;
using NpgsqlTypes;
using Portal.Data.Accounts;
using Portal.Data.Databases;

namespace Portal.Data.Replication;

/// <summary>Something that an admin has done to the replication.</summary>
/// <param name="Account">Who.</param>
/// <param name="Action">What.</param>
/// <param name="Subject">What it was done to, where the action does not say it.</param>
/// <param name="Reason">Why, in that person's words.</param>
/// <param name="Changes">What was before and after, thing by thing.</param>
public sealed record AuditEntry(
    long Id, Instant At, string Account, string Action, string? Subject, string? Reason, IReadOnlyList<AuditChange> Changes);

/// <summary>One thing before and after; null where there was none.</summary>
public sealed record AuditChange(string Name, string? Before, string? After)
{
    public bool Differs => Before != After;
}

/// <summary>Which entries to look at; what is null does not narrow it.</summary>
/// <param name="Account">A part of the name, in any case.</param>
/// <param name="Action">The action.</param>
/// <param name="Text">A part of the subject or the reason, in any case.</param>
/// <param name="From">The first day, in UTC.</param>
/// <param name="To">The last day, in UTC.</param>
public sealed record AuditFilter(string? Account = null, string? Action = null, string? Text = null, LocalDate? From = null, LocalDate? To = null);

/// <summary>Some entries, newest first.</summary>
/// <param name="Actions">All actions that occur, to choose from.</param>
/// <param name="HasMore">Whether older ones follow.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, IReadOnlyList<string> Actions, bool HasMore);

/// <summary>Who has done what to the replication. It is only added to, by the functions that do it.</summary>
public sealed class AuditLog([FromKeyedServices(DatabaseNames.New)] NpgsqlDataSource newDatabase, ILogger<AuditLog> log)
{
    public const int PageSize = 25;

    private static readonly LocalDate FirstDay = new(1, 1, 1);
    private static readonly LocalDate LastDay = new(9999, 12, 30);

    private const string Entries = """
        select id, at, account, action, subject, reason, before::text, after::text
          from replication.audit
         where (@before is null or id < @before)
           and (@account is null or position(lower(@account) in lower(account)) > 0)
           and (@action is null or action = @action)
           and (@text is null or position(lower(@text) in lower(concat_ws(' ', subject, reason))) > 0)
           and (@from is null or at >= @from)
           and (@to is null or at < @to)
         order by id desc
         limit @most
        """;

    /// <summary>A page of entries, newest first, those before an id.</summary>
    public Task<Answer<AuditPage>> List(Caller? caller, AuditFilter filter, long? before = null, CancellationToken cancel = default) =>
        AdminOnly.Answer(caller, log, async () =>
        {
            await using var connection = await newDatabase.OpenConnectionAsync(cancel);
            await using var command = new NpgsqlCommand(Entries, connection);
            Add("before", NpgsqlDbType.Bigint, before);
            Add("account", NpgsqlDbType.Text, Given(filter.Account));
            Add("action", NpgsqlDbType.Text, Given(filter.Action));
            Add("text", NpgsqlDbType.Text, Given(filter.Text));
            Add("from", NpgsqlDbType.TimestampTz, Start(filter.From));
            Add("to", NpgsqlDbType.TimestampTz, Start(filter.To, daysLater: 1));
            Add("most", NpgsqlDbType.Integer, PageSize + 1);
            var entries = await command.Rows(r => new AuditEntry(
                r.GetInt64(0), r.GetFieldValue<Instant>(1), r.GetString(2), r.GetString(3), r.TextOrNull(4), r.TextOrNull(5),
                Changes(r.TextOrNull(6), r.TextOrNull(7))), cancel);
            var actions = await connection.Rows("select distinct action from replication.audit order by action", r => r.GetString(0), cancel);
            return new AuditPage([.. entries.Take(PageSize)], actions, entries.Count > PageSize);

            void Add(string name, NpgsqlDbType type, object? value) =>
                command.Parameters.Add(new NpgsqlParameter(name, type) { Value = value ?? DBNull.Value });
        });

    // Brought to the days that the database knows and that have a next one: an address can hold any.
    private static Instant? Start(LocalDate? day, int daysLater = 0) => day is { } given
        ? LocalDate.Max(FirstDay, LocalDate.Min(given, LastDay)).PlusDays(daysLater).AtStartOfDayInZone(DateTimeZone.Utc).ToInstant()
        : null;

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static IReadOnlyList<AuditChange> Changes(string? before, string? after)
    {
        var (was, now) = (Properties(before), Properties(after));
        return [.. was.Keys.Union(now.Keys).Select(name => new AuditChange(name, was.GetValueOrDefault(name), now.GetValueOrDefault(name)))];
    }

    private static Dictionary<string, string?> Properties(string? json)
    {
        if (json is null)
        {
            return [];
        }

        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ValueKind == JsonValueKind.Object ? Named(p.Value) : Text(p.Value))
            : new() { ["value"] = Text(document.RootElement) };
    }

    private static string Named(JsonElement value) => string.Join(", ", value.EnumerateObject().Select(p => $"{p.Name} {Text(p.Value) ?? "none"}"));

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        // A list of plain things reads better without its brackets, one of objects line by line.
        JsonValueKind.Array => string.Join(value.EnumerateArray().Any(v => v.ValueKind == JsonValueKind.Object) ? "\n" : ", ", value.EnumerateArray().Select(Text)),
        JsonValueKind.Object => string.Join(" ", value.EnumerateObject().Select(p => p.Value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? $"{p.Name} {(p.Value.GetBoolean() ? "yes" : "no")}"
            : Text(p.Value))),
        _ => value.ToString(),
    };
}
