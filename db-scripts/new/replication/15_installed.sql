-- Scripts that make triggers note here how they have made them, so that a later change shows.

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
end $$;

comment on function replication.record_trigger(text, text) is 'Notes how a trigger and its function are right now, as what they should be. For scripts that have just made them.';
revoke execute on function replication.record_trigger(text, text) from public;

select replication.record_trigger('replication.audit', 'append_only');
