using Portal.Bench;

namespace Portal.Tests.Replication.Faults;

/// <summary>Faults of the replication itself, planted to see which part of a run notices them.</summary>
internal static class Sabotage
{
    /// <summary>The obvious design in place of the engine, with the rights that this has.</summary>
    public static string ArticlesTrigger => Sql.Read("no_replication.sql") + Sql.Read("article_trigger.sql") + """
        alter function public.new_records_inserted() security definer;
        alter function public.records_changed() security definer;
        """;

    public const string NoVerification = """
        create or replace function replication.verify(mapping_name text, max_rows integer default 10000, out differences bigint, out finished boolean)
        language plpgsql security definer as $$ begin differences := 0; finished := true; end $$;
        """;

    public const string NoLocks = """
        create function replication.no_lock(class integer, stripe integer) returns boolean language sql immutable as 'select true';
        do $$ begin
            execute regexp_replace(pg_get_functiondef('replication.write_timesheet_old'::regproc), 'pg_(try_)?advisory_xact_lock(_shared)?', 'replication.no_lock', 'g');
        end $$;
        """;

    public const string TriggerDisabled = "alter table timesheet_new disable trigger capture_update_timesheet_old;";

    // The rest of the engine believes it.
    public const string WrongMapping = """
        do $$ begin
            execute 'create or replace view mapping.timesheet_old_shown as ' || replace(pg_get_viewdef('mapping.timesheet_old_shown'), '''approved''', '''submitted''');
        end $$;
        """;

    public const string FailsWithTheLink = """
        create or replace function replication.not_written(code text, message text) returns void language plpgsql as $$
        begin
            raise exception using errcode = code, message = not_written.message;
        end $$;
        """;
}
