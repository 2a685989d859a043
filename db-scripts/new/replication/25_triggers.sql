-- The triggers as they are beside what the scripts have made, and the ways to put them right.
-- Functions and no views: the views that these read are dropped and made anew by their own scripts.

drop function if exists replication.changed_functions();
create or replace function replication.changed_functions()
returns table (trigger_function oid, function_name text, definition text, wanted_definition text, wanted_comment text, is_for_portal boolean, is_for_all boolean)
language sql stable security invoker set search_path = pg_catalog, pg_temp set jit = off
as $$
    select c.trigger_function, i.function_name, pg_get_functiondef(to_regprocedure(i.function_name)), i.definition, i.comment, i.is_for_portal, i.is_for_all
      from replication.called_functions() c
      join replication.installed_function i on split_part(i.function_name, '(', 1) = c.function_name
     where pg_get_functiondef(to_regprocedure(i.function_name)) is distinct from i.definition
$$;

comment on function replication.changed_functions() is
    'The functions that triggers call and that are not as the scripts have made them; definition is null for one that is not there. One row for each trigger function that calls one.';
revoke execute on function replication.changed_functions() from public;
grant execute on function replication.changed_functions() to portal_app;

create or replace function replication.trigger_state()
returns table (
    table_name text, trigger_name text, kind text, enabled text, findings text[],
    timing text, events text[], for_each_row boolean, is_deferrable boolean, initially_deferred boolean,
    function_name text, purpose text, definition text, source text, wanted_definition text, wanted_source text,
    calls bigint, total_ms double precision)
-- The planner takes catalogues for larger than they are, and compiles for seconds what runs for milliseconds.
language sql stable security invoker set search_path = pg_catalog, pg_temp set jit = off
as $$
    with known as (
        select e.table_name, e.trigger_name::text, 'replication' as kind from replication.expected_trigger e
        union all
        values ('replication.audit', 'append_only', 'audit'),
               ('public.timesheet_new', 'prefill_claim_from_plan', 'business')
    ), installed as (
        -- The bits of tgtype are those of PostgreSQL's catalog/pg_trigger.h.
        select format('%s.%s', n.nspname, c.relname) as table_name, t.tgname::text as trigger_name, t.tgenabled::text as enabled,
               case when t.tgtype::integer & 2 <> 0 then 'before' when t.tgtype::integer & 64 <> 0 then 'instead of' else 'after' end as timing,
               array_remove(array[
                   case when t.tgtype::integer & 4 <> 0 then 'insert' end,
                   case when t.tgtype::integer & 16 <> 0 then 'update' end,
                   case when t.tgtype::integer & 8 <> 0 then 'delete' end,
                   case when t.tgtype::integer & 32 <> 0 then 'truncate' end], null) as events,
               t.tgtype::integer & 1 <> 0 as for_each_row, t.tgdeferrable as is_deferrable, t.tginitdeferred as initially_deferred,
               format('%s.%s', fn.nspname, p.proname) as function_name,
               coalesce(obj_description(t.oid, 'pg_trigger'), obj_description(p.oid, 'pg_proc')) as purpose,
               pg_get_triggerdef(t.oid) as definition, pg_get_functiondef(p.oid) as source,
               h.definitions as called, h.wanted_definitions as wanted_called,
               s.calls, s.total_time as total_ms
          from pg_trigger t
          join pg_class c on c.oid = t.tgrelid
          join pg_namespace n on n.oid = c.relnamespace
          join pg_proc p on p.oid = t.tgfoid
          join pg_namespace fn on fn.oid = p.pronamespace
          left join pg_stat_user_functions s on s.funcid = p.oid
          left join (select f.trigger_function, string_agg(coalesce(f.definition, '-- ' || f.function_name || ' is missing'), E'\n\n' order by f.function_name) as definitions,
                            string_agg(f.wanted_definition, E'\n\n' order by f.function_name) as wanted_definitions
                       from replication.changed_functions() f group by f.trigger_function) h on h.trigger_function = p.oid
         where not t.tgisinternal and n.nspname in ('public', 'replication')
    )
    select table_name, trigger_name, coalesce(k.kind, 'unknown'), i.enabled,
           case when k.kind is null then array['unknown']
                when k.kind = 'business' then '{}'
                when i.enabled is null then array['missing']
                else array_remove(array[
                    case when i.enabled = 'D' then 'disabled'
                         when i.enabled = 'R' then 'replica'
                         when i.enabled <> coalesce(r.enabled, i.enabled) then 'firing' end,
                    case when i.definition <> r.definition then 'definition' end,
                    case when i.source <> r.function_definition then 'function' end,
                    case when i.called is not null or i.wanted_called is not null then 'called' end], null) end,
           i.timing, i.events, i.for_each_row, i.is_deferrable, i.initially_deferred,
           i.function_name, i.purpose, i.definition, concat_ws(E'\n\n', i.source, i.called), r.definition, concat_ws(E'\n\n', r.function_definition, i.wanted_called),
           i.calls, i.total_ms
      from known k
      full join installed i using (table_name, trigger_name)
      left join replication.installed_trigger r using (table_name, trigger_name)
     -- A business trigger that is not there is no affair of the replication.
     where i.enabled is not null or k.kind <> 'business'
$$;

comment on function replication.trigger_state() is
    'Every trigger on the tables of this database, and what is the matter with it: missing, disabled, replica (fires for replicated changes only), firing (fires in other sessions than it should), definition or function (not as the scripts have made it), called (a function that its function calls is not; source and wanted_source hold that too), unknown (none of ours). kind: replication, audit, business or unknown.';
revoke execute on function replication.trigger_state() from public;
grant execute on function replication.trigger_state() to portal_app;

create or replace function replication.change_trigger(of_table text, of_trigger text, change text, account text, reason text) returns void
-- Writers wait as long as this waits for its lock, so not long.
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '500ms'
as $$
declare
    was record;
    wanted replication.installed_trigger;
    called record;
begin
    if coalesce(btrim(reason), '') = '' or coalesce(btrim(account), '') = '' then
        raise exception using errcode = 'check_violation', message = 'who changes a trigger has to say who and why';
    end if;
    select s.* into was from replication.trigger_state() s
     where s.table_name = of_table and s.trigger_name = of_trigger and s.kind in ('replication', 'audit');
    if not found then
        raise exception using errcode = 'insufficient_privilege', message = format('%s on %s is none of the triggers of the replication', of_trigger, of_table);
    end if;
    select * into wanted from replication.installed_trigger r where r.table_name = of_table and r.trigger_name = of_trigger;

    if change = 'disable' and was.kind = 'replication' and was.enabled is not null then
        execute format('alter table %s disable trigger %I', of_table::regclass, of_trigger);
    elsif change = 'enable' and was.enabled is not null then
        perform replication.enable_trigger(of_table, of_trigger, wanted.enabled);
    elsif change = 'reinstall' and wanted.definition is not null then
        execute wanted.function_definition;
        execute format('comment on function %s is %L', wanted.function_name, wanted.function_comment);
        execute format('revoke execute on function %s from public', wanted.function_name);
        for called in
            select f.* from replication.changed_functions() f where f.trigger_function = to_regprocedure(wanted.function_name)
        loop
            execute called.wanted_definition;
            execute format('comment on function %s is %L', called.function_name, called.wanted_comment);
            if not called.is_for_all then
                execute format('revoke execute on function %s from public', called.function_name);
            end if;
            if called.is_for_portal then
                execute format('grant execute on function %s to portal_app', called.function_name);
            end if;
        end loop;
        if was.definition is distinct from wanted.definition then
            execute format('drop trigger if exists %I on %s', of_trigger, of_table::regclass);
            execute wanted.definition;
        end if;
        perform replication.enable_trigger(of_table, of_trigger, wanted.enabled);
    else
        raise exception using errcode = 'object_not_in_prerequisite_state', message = format('cannot %s %s on %s', change, of_trigger, of_table);
    end if;

    insert into replication.audit (account, action, subject, reason, before, after)
    select change_trigger.account, 'trigger ' || change, of_trigger || ' on ' || of_table, change_trigger.reason,
           jsonb_build_object('enabled', was.enabled, 'findings', was.findings, 'definition', was.definition, 'function', was.source),
           jsonb_build_object('enabled', s.enabled, 'findings', s.findings, 'definition', s.definition, 'function', s.source)
      from replication.trigger_state() s
     where s.table_name = of_table and s.trigger_name = of_trigger;
end $$;

comment on function replication.change_trigger(text, text, text, text, text) is
    'Enables, disables or reinstalls one of the triggers of the replication, as the scripts have made it, and notes who did it and why. No other trigger is touched.';
revoke execute on function replication.change_trigger(text, text, text, text, text) from public;
grant execute on function replication.change_trigger(text, text, text, text, text) to portal_app;

create or replace function replication.enable_trigger(of_table text, of_trigger text, wanted text) returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('alter table %s enable %s trigger %I', of_table::regclass,
        case wanted when 'A' then 'always' when 'R' then 'replica' else '' end, of_trigger);
end $$;

comment on function replication.enable_trigger(text, text, text) is 'Lets a trigger fire in the sessions in which it should.';
revoke execute on function replication.enable_trigger(text, text, text) from public;

-- What was made before there was a record of it.
select replication.record_trigger(e.table_name, e.trigger_name)
  from replication.expected_trigger e
 where not exists (select from replication.installed_trigger r where r.table_name = e.table_name and r.trigger_name = e.trigger_name);
select replication.record_functions();
