-- Scripts that make triggers note here how they have made them and what they call, so that a later change shows.

create or replace function replication.called_functions()
returns table (trigger_function oid, function_name text)
language sql stable security invoker set search_path = pg_catalog, pg_temp set jit = off
as $$
    with recursive call as materialized (
        select p.oid as caller, 'replication.' || c.name[1] as called
          from pg_proc p, lateral regexp_matches(p.prosrc, 'replication\.(\w+)\(', 'g') c (name)
         where p.pronamespace in ('replication'::regnamespace, 'public'::regnamespace)
    ), reached as (
        select c.caller as trigger_function, c.called from call c where c.caller in (select t.tgfoid from pg_trigger t where not t.tgisinternal)
        union
        -- In the condition.
        select t.tgfoid, 'replication.' || p.proname
          from pg_trigger t
          join pg_depend d on d.classid = 'pg_trigger'::regclass and d.objid = t.oid and d.refclassid = 'pg_proc'::regclass and d.refobjid <> t.tgfoid
          join pg_proc p on p.oid = d.refobjid and p.pronamespace = 'replication'::regnamespace
         where not t.tgisinternal
        union
        select r.trigger_function, c.called
          from reached r
          join pg_proc p on p.pronamespace = 'replication'::regnamespace and 'replication.' || p.proname = r.called
          join call c on c.caller = p.oid
    )
    select r.trigger_function, r.called from reached r
$$;

comment on function replication.called_functions() is 'The functions of the replication that triggers call in their conditions, and trigger functions directly or through others, by their names.';
revoke execute on function replication.called_functions() from public;
grant execute on function replication.called_functions() to portal_app;

create or replace function replication.record_functions() returns void
language sql security invoker set search_path = pg_catalog, pg_temp
as $$
    insert into replication.installed_function as r (function_name, definition, comment, is_for_portal, is_for_all)
    select p.oid::regprocedure::text, pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc'),
           has_function_privilege('portal_app', p.oid, 'execute'), has_function_privilege('public', p.oid, 'execute')
      from pg_proc p
     where p.pronamespace = 'replication'::regnamespace
       and 'replication.' || p.proname in (select c.function_name from replication.called_functions() c)
       -- Only what this very script has made: what somebody else has changed before is not what it should be.
       and (p.xmin = pg_current_xact_id()::xid
            or not exists (select from replication.installed_function i where i.function_name = p.oid::regprocedure::text))
    on conflict (function_name) do update
       set definition = excluded.definition, comment = excluded.comment, is_for_portal = excluded.is_for_portal, is_for_all = excluded.is_for_all, recorded_at = clock_timestamp()
     where (r.definition, r.comment, r.is_for_portal, r.is_for_all) is distinct from (excluded.definition, excluded.comment, excluded.is_for_portal, excluded.is_for_all);
    -- What no version has any more.
    delete from replication.installed_function i
     where to_regprocedure(i.function_name) is null
       and not exists (select from replication.called_functions() c where c.function_name = split_part(i.function_name, '(', 1))
$$;

comment on function replication.record_functions() is 'Notes how the functions that triggers call are right now, those that the current transaction has made, as what they should be. Part of record_trigger().';
revoke execute on function replication.record_functions() from public;

create or replace function replication.record_trigger(of_table text, of_trigger text) returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    made record;
begin
    select t.tgname, t.tgenabled, t.tgrelid::regclass as table_name, pg_get_triggerdef(t.oid) as definition, p.oid as function_id, p.proname
      into made
      from pg_trigger t
      join pg_proc p on p.oid = t.tgfoid
     where t.tgrelid = of_table::regclass and t.tgname = of_trigger and not t.tgisinternal;
    -- Retired is for good: what a later version's script makes is gone again before anybody could see it.
    if made.proname <> 'refuse_change' and exists (select from replication.control where retired_at is not null) then
        execute format('drop trigger %I on %s', made.tgname, made.table_name);
        return;
    end if;

    insert into replication.installed_trigger as r
           (table_name, trigger_name, definition, enabled, function_name, function_definition, function_comment)
    select of_table, made.tgname, made.definition, made.tgenabled, made.function_id::regprocedure::text,
           pg_get_functiondef(made.function_id), obj_description(made.function_id, 'pg_proc')
     where made.tgname is not null
    on conflict (table_name, trigger_name) do update
       set definition = excluded.definition, enabled = excluded.enabled, function_name = excluded.function_name,
           function_definition = excluded.function_definition, function_comment = excluded.function_comment,
           recorded_at = clock_timestamp()
     where (r.definition, r.enabled, r.function_name, r.function_definition, r.function_comment)
           is distinct from (excluded.definition, excluded.enabled, excluded.function_name, excluded.function_definition, excluded.function_comment);
    perform replication.record_functions();
end $$;

comment on function replication.record_trigger(text, text) is 'Notes how a trigger, its function and what that calls are right now, as what they should be. For scripts that have just made them.';
revoke execute on function replication.record_trigger(text, text) from public;

select replication.record_trigger('replication.audit', 'append_only');
