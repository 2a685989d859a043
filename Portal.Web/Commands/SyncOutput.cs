using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Data.Replication;
using Portal.Web.Replication;

namespace Portal.Web.Commands;

/// <summary>Writes what is known of the replication, for people or for programs, and says what to exit with.</summary>
internal sealed partial class SyncOutput(TextWriter output, bool json)
{
    // Names and words of the JSON are relied on by scripts: see docs/commands.md.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public int Status(Answer<ReplicationReport> answer, Rates? rates)
    {
        if (answer.Value is not { } report)
        {
            return CouldNot(answer.Trouble);
        }

        if (json)
        {
            Write(SyncStatusJson.From(report, rates));
        }
        else
        {
            WriteStatus(report, rates);
        }

        return report.State switch
        {
            ReplicationState.InStep or ReplicationState.Retired => ExitCodes.Done,
            ReplicationState.Unknown => ExitCodes.CouldNot,
            _ => ExitCodes.Differences,
        };
    }

    public int Drained(Answer<DrainResult> answer)
    {
        if (answer.Value is not { After: var after } drained)
        {
            return CouldNot(answer.Trouble);
        }

        output.WriteLine((drained.Written, after) switch
        {
            (_, { OutboxKeys: > 0, Mode: ReplicationMode.Paused }) =>
                $"Paused: {ReplicationWords.Wait(after.OutboxKeys)}. `sync resume` lets them be delivered.",
            (_, { OutboxKeys: > 0 }) => $"{ReplicationWords.Rows(drained.Written)} delivered; {ReplicationWords.Wait(after.OutboxKeys)}.",
            (0, _) => "Nothing waits.",
            _ => $"{ReplicationWords.Rows(drained.Written)} delivered; nothing waits any more.",
        });
        if (after.SetAside > 0)
        {
            output.WriteLine($"The old database refuses {ReplicationWords.Rows(after.SetAside)}; `sync status` shows why.");
        }

        return after is { OutboxKeys: 0, SetAside: 0 } ? ExitCodes.Done : ExitCodes.Differences;
    }

    public int Mode(Answer<OutboxState> answer)
    {
        if (answer.Value is not { } state)
        {
            return CouldNot(answer.Trouble);
        }

        output.WriteLine($"Mode: {ReplicationWords.Of(state.Mode)}.");
        return ExitCodes.Done;
    }

    public int CouldNot(string message)
    {
        if (json)
        {
            Write(new { state = "unknown", sentence = message });
        }
        else
        {
            output.WriteLine(message);
        }

        return ExitCodes.CouldNot;
    }

    /// <returns>That it is done, if it is and only how it is now could not be told.</returns>
    public int CouldNot(Trouble? trouble)
    {
        var code = CouldNot(trouble is null ? "It could not be told." : ReplicationWords.Said(trouble));
        return trouble?.Done is null ? code : ExitCodes.Done;
    }

    private void Write<T>(T value) => output.WriteLine(JsonSerializer.Serialize(value, Json));

    private void WriteStatus(ReplicationReport report, Rates? rates)
    {
        output.WriteLine(ReplicationWords.Sentence(report));
        output.WriteLine();
        Line("Old database", report.Old.Latency is { } latency
            ? $"reachable, one read takes {ReplicationWords.Milliseconds(latency)}"
            : report.Old.Trouble?.Check ?? "");
        Line("Triggers", $"{report.Triggers.Needed.Count(t => t.Fires)} of {report.Triggers.Needed.Count()} fire");
        foreach (var trigger in report.Triggers.Faulty)
        {
            Line("", TriggerWords.Fault(trigger) ?? "");
        }

        var outbox = report.Outbox;
        Line("Mode", ReplicationWords.Of(outbox.Mode));
        Line("Breaker", $"{(outbox.BreakerOpen ? "open" : "closed")} since {ReplicationWords.At(outbox.BreakerSince)}");
        Line("Waiting", outbox.OldestAge is { } age
            ? $"{ReplicationWords.Changes(outbox.OutboxKeys)}, the oldest for {ReplicationWords.Long(age)}"
            : ReplicationWords.Changes(outbox.OutboxKeys));
        Line("Rates", rates is null ? "unknown" : ReplicationWords.Of(rates));
        Line("Set aside", ReplicationWords.Rows(outbox.SetAside));
        foreach (var row in report.SetAside)
        {
            Line("", ReplicationWords.Refusal(row));
        }

        if (outbox is { ErrorCode: { } code, ErrorAt: { } failed })
        {
            Line("Last error", $"{ReplicationWords.At(failed)} ({code}) {outbox.ErrorMessage?.ReplaceLineEndings(" ")}");
        }

        Line("Verified", outbox.VerifiedAt is { } verified
            ? $"{ReplicationWords.At(verified)}, {ReplicationWords.Number(outbox.VerifiedDifferences ?? 0)} different"
            : "not yet");
        if (report.Newest is { } newest)
        {
            Line("Rows", newest.Differences == 0 ? "all the same" : ReplicationWords.Differences(newest));
        }
    }

    private void Line(string label, string text) => output.WriteLine($"{label,-14}{text}");
}
