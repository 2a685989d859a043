namespace Portal.Tests.Replication.Faults;

/// <summary>Faults of the replication itself, planted to see which part of a run notices them.</summary>
internal static class Sabotage
{
    /// <summary>The obvious design in place of the engine.</summary>
    public static string ArticlesTrigger => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Replication", "Faults", "article_trigger.sql"));

    public const string NoVerification = """
        create or replace function replication.verify(mapping_name text, max_rows integer default 10000, out differences bigint, out finished boolean)
        language plpgsql security definer as $$ begin differences := 0; finished := true; end $$;
        """;

    public const string NoLocks = """
        create or replace function replication.lock_stripe(stripe integer, exclusive boolean) returns integer language sql as 'select stripe';
        create or replace function replication.try_lock_stripe(stripe integer) returns boolean language sql as 'select true';
        """;

    public const string TriggerDisabled = "alter table timesheet_new disable trigger capture_update_timesheet_old;";

    // The rest of the engine believes it.
    public const string WrongMapping = """
        do $$ begin
            execute 'create or replace view mapping.timesheet_old as ' || replace(pg_get_viewdef('mapping.timesheet_old'), '''approved''', '''submitted''');
        end $$;
        """;

    public const string FailsWithTheLink = """
        create or replace function replication.flush() returns void language plpgsql security definer as $$
        declare
            ids bigint[] := array(select id from replication.outbox where transaction_id = pg_current_xact_id());
        begin
            perform set_config('replication.flush_waits', 'no', true);
            if ids <> '{}' then
                perform replication.write_queued(ids);
            end if;
        end $$;
        """;
}
