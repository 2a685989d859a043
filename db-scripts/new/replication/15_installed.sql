-- Scripts that make triggers note here how they have made them, so that a later change shows.

create or replace function replication.record_trigger(of_table text, of_trigger text) returns void
language sql security invoker set search_path = pg_catalog, pg_temp
as $$
    insert into replication.installed_trigger as r
           (table_name, trigger_name, definition, enabled, function_name, function_definition, function_comment)
    select of_table, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled, p.oid::regprocedure::text, pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc')
      from pg_trigger t
      join pg_proc p on p.oid = t.tgfoid
     where t.tgrelid = of_table::regclass and t.tgname = of_trigger and not t.tgisinternal
    on conflict (table_name, trigger_name) do update
       set definition = excluded.definition, enabled = excluded.enabled, function_name = excluded.function_name,
           function_definition = excluded.function_definition, function_comment = excluded.function_comment,
           recorded_at = clock_timestamp()
     where (r.definition, r.enabled, r.function_name, r.function_definition, r.function_comment)
           is distinct from (excluded.definition, excluded.enabled, excluded.function_name, excluded.function_definition, excluded.function_comment)
$$;

comment on function replication.record_trigger(text, text) is 'Notes how a trigger and its function are right now, as what they should be. For scripts that have just made them.';
revoke execute on function replication.record_trigger(text, text) from public;

select replication.record_trigger('replication.audit', 'append_only');
