-- The end: taking away all that the replication has in this database, and showing that nothing of it is left.

-- By what they call, not by a list of names: whatever a later version installs for a mapping is taken away too.
create or replace function replication.engine_triggers() returns table (trigger_name name, table_name regclass)
language sql stable security invoker set search_path = pg_catalog, pg_temp set jit = off
as $$
    select t.tgname, t.tgrelid::regclass
      from pg_trigger t join pg_proc p on p.oid = t.tgfoid
     where not t.tgisinternal
       and (p.pronamespace::regnamespace::text = 'replication' and p.proname ~ '^(capture|flush)_'
            or p.oid = to_regprocedure('public.new_records_inserted()')
            or exists (select from replication.installed_trigger i
                        where to_regclass(i.table_name) = t.tgrelid and i.trigger_name = t.tgname and p.proname <> 'refuse_change'))
$$;

comment on function replication.engine_triggers() is 'The triggers that carry changes to the old database.';
revoke execute on function replication.engine_triggers() from public;
grant execute on function replication.engine_triggers() to portal_app;

create or replace function replication.leftovers() returns table (kind text, name text)
language sql stable security invoker set search_path = pg_catalog, pg_temp set jit = off
as $$
    select 'trigger', format('%s on %s', t.trigger_name, t.table_name) from replication.engine_triggers() t
    union all
    select 'function', p.oid::regprocedure::text
      from pg_proc p
     where p.pronamespace::regnamespace::text = 'replication'
           and (p.prorettype = 'trigger'::regtype and p.proname ~ '^(capture|flush)_'
                or p.proname ~ '^(write_showing|noted)_'
                or exists (select from replication.mapping m, unnest(array['lock_missing', 'write', 'expand']) made (prefix)
                            where p.proname = made.prefix || '_' || m.name))
        or p.oid = to_regprocedure('public.new_records_inserted()')
    union all
    select 'foreign server', s.srvname::text from pg_foreign_server s join pg_foreign_data_wrapper w on w.oid = s.srvfdw
     where w.fdwname = 'postgres_fdw' and s.srvname = 'timesheet_old_server'
    union all
    select 'user mapping', format('%s on %s', m.usename, m.srvname) from pg_user_mappings m where m.srvname = 'timesheet_old_server'
    union all
    select 'foreign table', f.ftrelid::regclass::text
      from pg_foreign_table f join pg_foreign_server s on s.oid = f.ftserver
     where s.srvname = 'timesheet_old_server' or f.ftrelid in (select to_regclass(m.foreign_table) from replication.mapping m)
$$;

comment on function replication.leftovers() is
    'What there is of the replication in this database: triggers, their functions, the foreign server, its user mappings, its foreign tables. Nothing after retire().';
revoke execute on function replication.leftovers() from public;
grant execute on function replication.leftovers() to portal_app;

create or replace function replication.dismantle() returns void
-- Writers wait as long as this waits for its locks, so not long.
language plpgsql security invoker set search_path = pg_catalog, pg_temp set lock_timeout = '2s'
as $$
declare
    one record;
begin
    for one in
        select t.trigger_name, t.table_name from replication.engine_triggers() t order by t.table_name::text, t.trigger_name
    loop
        execute format('drop trigger %I on %s', one.trigger_name, one.table_name);
    end loop;
    for one in select l.name from replication.leftovers() l where l.kind = 'function' loop
        execute format('drop function %s', one.name);
    end loop;
    -- With its user mappings and foreign tables, and nothing else: what depends on one of these is kept, and named.
    for one in select l.name from replication.leftovers() l where l.kind = 'foreign table' loop
        execute format('drop foreign table %s', one.name);
    end loop;
    for one in select m.usename from pg_user_mappings m where m.srvname = 'timesheet_old_server' loop
        execute format('drop user mapping for %s server timesheet_old_server', case one.usename when 'public' then 'public' else quote_ident(one.usename) end);
    end loop;
    drop server if exists timesheet_old_server;
    delete from replication.installed_trigger r where r.function_name not like 'replication.refuse_change(%';
    delete from replication.installed_function;
    -- What is under way there has come to its end.
    update replication.comparison set state = 'stopped', finished_at = clock_timestamp() where state in ('running', 'paused');
    update replication.comparison_schedule set enabled = false where enabled;
    update replication.repair set state = 'stopped', finished_at = clock_timestamp() where state = 'running';
    update replication.backfill set state = 'stopped' where state = 'running';
    delete from replication.reported_cause;
    delete from replication.outbox;
    delete from replication.set_aside;
    update replication.control set breaker = 'closed', breaker_since = clock_timestamp() where breaker = 'open';
end $$;

comment on function replication.dismantle() is 'Drops what leftovers() lists, empties the outbox, and stops comparisons, repairs and the backfill.';
revoke execute on function replication.dismantle() from public;

create or replace function replication.retire(server_name text, account text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    before jsonb;
    left_over text;
begin
    if server_name is distinct from 'timesheet_old_server' then
        raise exception using errcode = 'check_violation', message = 'who retires the old database has to name its server';
    end if;
    if not exists (select from replication.plan_step p where p.step = 'retire' and p.taken_at is not null) then
        raise exception using errcode = 'object_not_in_prerequisite_state', message = 'the step retire is not taken';
    end if;
    select jsonb_object_agg(l.kind, l.names) into before
      from (select x.kind, jsonb_agg(x.name order by x.name) as names from replication.leftovers() x group by x.kind) l;
    before := coalesce(before, '{}') || (select jsonb_build_object('changes waiting', count(*)) from replication.outbox);

    update replication.control set retired_at = clock_timestamp() where retired_at is null;
    perform replication.dismantle();

    select string_agg(l.name, ', ') into left_over from replication.leftovers() l;
    if left_over is not null then
        raise exception using errcode = 'object_not_in_prerequisite_state', message = format('still there: %s', left_over);
    end if;
    insert into replication.audit (account, action, subject, before, after)
    values (account, 'retired', server_name, before, jsonb_build_object('left', 0));
end $$;

comment on function replication.retire(text, text) is
    'Takes away the triggers, their functions, the foreign server, its user mappings and foreign tables; all of them or none. It takes the server''s name, so that nobody does it by a slip. Part of taking the step.';
revoke execute on function replication.retire(text, text) from public;
grant execute on function replication.retire(text, text) to portal_app;
