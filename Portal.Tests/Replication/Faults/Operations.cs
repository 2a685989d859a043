using System.Globalization;

namespace Portal.Tests.Replication.Faults;

/// <summary>What one writer does, decided by a seed and by nothing else.</summary>
/// <param name="mayDelete">The owner may delete, the portal's own login may not.</param>
internal sealed class Operations(int seed, int writer, int writers, bool mayDelete)
{
    public const int Timesheets = 120;
    public const int Options = 12;
    public const int Workers = 6;
    public const int Hospitals = 4;

    private static readonly string[] Statuses = ["draft", "submitted", "approved", "rejected"];

    private readonly Random random = new((seed * 1000) + writer);
    private int token = writer;

    public Operation Next()
    {
        var finish = random.Next(20) switch { 0 or 1 => Finish.Rollback, 2 => Finish.Fail, _ => Finish.Commit };
        var isAlone = finish == Finish.Commit && random.Next(3) == 0;
        List<Step> steps = [.. Steps().Take(isAlone ? 1 : 4)];
        if (!isAlone && random.Next(5) == 0)
        {
            var undone = random.Next(steps.Count);
            steps[undone] = steps[undone] with { IsUndone = true };
        }

        if (!isAlone && random.Next(8) == 0)
        {
            var flushed = random.Next(steps.Count);
            steps[flushed] = steps[flushed] with { IsFlushed = true };
        }

        var isolation = random.Next(10) switch { 0 or 1 => "serializable", 2 => "repeatable read", _ => "read committed" };
        return new Operation(isAlone ? null : isolation, steps, finish, random.Next(25) == 0);
    }

    // All lock rows in one order (hospital or options, worker, timesheet by id), so that no deadlock is of the writers' own
    // making. A hospital's name is a key, so its change waits for options that come to it, and they for it: never both in one.
    private IEnumerable<Step> Steps()
    {
        if (random.Next(3) == 0)
        {
            yield return random.Next(2) == 0 ? Rename("hospital", Hospitals) : ChangeOptions();
        }

        if (random.Next(6) == 0)
        {
            yield return Rename("worker", Workers);
        }

        switch (random.Next(12))
        {
            case 0:
                yield return Pay();
                break;
            case 1 when mayDelete:
                yield return TakeBackPayment();
                break;
            case 2 or 3:
                yield return Bulk();
                break;
            default:
                var ids = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Timesheet()).Distinct().Order().ToList();
                foreach (var id in ids)
                {
                    yield return OfTimesheet(id);
                }

                break;
        }
    }

    private Step OfTimesheet(int id) => random.Next(10) switch
    {
        0 or 1 => Insert(id, id),
        2 when mayDelete => Delete(id, id),
        3 or 4 => Move(id),
        5 => Reclaim(id, id),
        _ => Change(id),
    };

    private Step Bulk()
    {
        var from = Timesheet();
        var to = from + random.Next(5, 60);
        return random.Next(6) switch { 0 => Insert(from, to), 1 when mayDelete => Delete(from, from + random.Next(3, 12)), _ => Reclaim(from, to) };
    }

    private Step Insert(int from, int to)
    {
        var (t, worker, options, status) = (Token(), random.Next(Workers), random.Next(1, Options), Status());
        return new Step(
            from,
            to,
            $"""
            insert into timesheet_new (id, worker_id, status, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes)
            select n, 1 + (n + {worker}) % {Workers}, '{status}', {options}, {Start("n", t)}, {Start("n", t)} + interval '8 hours', {t} % 60
              from generate_series({from}, {to}) n order by n
            on conflict do nothing returning id
            """,
            id => [("exists", "true", false), ("worker", $"{1 + ((id + worker) % Workers)}", false), ("status", status, false),
                ("options", $"{options}", false), ("claim", $"{t}", true)]);
    }

    private static Step Delete(int from, int to) => new(
        from,
        to,
        $"""
        with free as (select id from timesheet_new t where id between {from} and {to} and not exists (select from payment p where p.timesheet_id = t.id) order by id for update)
        delete from timesheet_new t using free where t.id = free.id returning t.id
        """,
        _ => [("exists", "false", false)]);

    private Step Change(int id)
    {
        var (t, worker, options, status) = (Token(), random.Next(1, Workers + 1), random.Next(1, Options + 1), Status());
        return new Step(
            id,
            id,
            $"""
            update timesheet_new set worker_id = {worker}, status = '{status}', timesheet_options_id = {options},
                   claimed_start = {Start("id", t)}, claimed_end = {Start("id", t)} + interval '8 hours', claimed_break_minutes = {t} % 60
             where id = {id} returning id
            """,
            _ => [("worker", $"{worker}", false), ("status", status, false), ("options", $"{options}", false), ("claim", $"{t}", true)]);
    }

    private Step Move(int id)
    {
        var options = random.Next(1, Options + 1);
        return new Step(id, id, $"update timesheet_new set timesheet_options_id = {options} where id = {id} returning id", _ => [("options", $"{options}", false)]);
    }

    private Step Reclaim(int from, int to)
    {
        var t = Token();
        return new Step(
            from,
            to,
            $"""
            with these as (select id from timesheet_new where id between {from} and {to} order by id for update)
            update timesheet_new t set claimed_start = {Start("t.id", t)}, claimed_end = {Start("t.id", t)} + interval '8 hours', claimed_break_minutes = {t} % 60
              from these where t.id = these.id returning t.id
            """,
            _ => [("claim", $"{t}", true)]);
    }

    private Step ChangeOptions()
    {
        var (t, id, hospital) = (Token(), random.Next(1, Options + 1), random.Next(1, Hospitals + 1));
        return random.Next(2) == 0
            ? new Step(id, id, $"update timesheet_options set hourly_rate = {t} / 100.0 where id = {id} returning id", _ => [("rate", $"{t}", true)])
            : new Step(
                id,
                id,
                $"update timesheet_options set hospital_id = {hospital}, hourly_rate = {t} / 100.0 where id = {id} returning id",
                _ => [("rate", $"{t}", true), ("hospital of options", $"{hospital}", false)]);
    }

    private Step Rename(string table, int count)
    {
        var (t, id) = (Token(), random.Next(1, count + 1));
        return new Step(id, id, $"update {table} set name = '{table} ' || id || ' #{t}' where id = {id} returning id", _ => [(table == "worker" ? "worker's name" : table, $"{t}", true)]);
    }

    private Step Pay()
    {
        var id = Timesheet();
        return new Step(
            id,
            id,
            $"""
            insert into payment (timesheet_id, amount, currency)
            select id, 1, 'GBP' from timesheet_new where id = {id} and status = 'approved'
            on conflict do nothing returning timesheet_id
            """,
            _ => [("paid", "true", false)]);
    }

    private Step TakeBackPayment()
    {
        var id = Timesheet();
        return new Step(id, id, $"delete from payment where timesheet_id = {id} returning timesheet_id", _ => [("paid", "false", false)]);
    }

    // Each timesheet has a day of its own, so that nothing overlaps, and shows the token in its microseconds.
    private static string Start(string id, int t) =>
        string.Create(CultureInfo.InvariantCulture, $"timestamptz '2026-01-01 06:00Z' + {id} * interval '1 day' + {t} * interval '1 microsecond'");

    private int Timesheet() => random.Next(1, Timesheets + 1);

    private string Status() => Statuses[random.Next(Statuses.Length)];

    private int Token() => token += writers;
}
