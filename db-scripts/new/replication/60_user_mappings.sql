-- Who logs in to a foreign server as whom. PostgreSQL shows this to the server's owner only, passwords and all;
-- the portal needs the names and must not see the rest.

create or replace function replication.user_mappings()
returns table (server_name text, local_role text, remote_user text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select m.srvname::text,
           m.usename::text,
           (select o.option_value from pg_options_to_table(m.umoptions) o where o.option_name = 'user')
      from pg_user_mappings m
     order by m.srvname, m.usename
$$;

comment on function replication.user_mappings() is
    'Every user mapping without its password. remote_user is null where the owner of this function may not see it.';
revoke execute on function replication.user_mappings() from public;
grant execute on function replication.user_mappings() to portal_app;
