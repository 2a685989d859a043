-- What the new side has to know of this one: how the tables are, what the replication may do with them, and the time.

grant usage on schema portal_replication to portal_app;

create or replace function portal_replication.catalogue(of_tables text[], writer text) returns jsonb
language sql stable security invoker set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'version', current_setting('server_version'),
        'clock', clock_timestamp(),
        'tables', coalesce(jsonb_agg(jsonb_build_object(
            'table', wanted,
            'rights', case when r.oid is not null and c.oid is not null then array(
                select p from unnest(array['select', 'insert', 'update', 'delete']) p where has_table_privilege(r.oid, c.oid, p)) end,
            'columns', coalesce(
                (select jsonb_agg(jsonb_build_object(
                            'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull,
                            'has_default', a.atthasdef or a.attidentity <> '') order by a.attnum)
                   from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]')) order by wanted), '[]'))
      from unnest(of_tables) wanted
      left join pg_class c on c.oid = to_regclass(wanted)
      left join pg_roles r on r.rolname = writer
$$;

comment on function portal_replication.catalogue(text[], text) is
    'How these tables are, with what a role may do with them, this server''s version and its clock. A table that is not there has no columns.';
revoke execute on function portal_replication.catalogue(text[], text) from public;
grant execute on function portal_replication.catalogue(text[], text) to portal_app;
