-- Who is connected here and how much the old tables are read, as far as PostgreSQL's statistics tell.

create or replace function portal_replication.sessions()
returns table (application text, role text, address text, sessions bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select coalesce(a.application_name, ''), a.usename::text, coalesce(host(a.client_addr), 'local'), count(*)
      from pg_stat_activity a
      join pg_roles r on r.oid = a.usesysid
     where a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
       -- The portal's and the replication's own. A superuser is a member of every role and has to say what it is.
       and not case when r.rolsuper then a.application_name in ('portal', 'portal_replication')
                    else pg_has_role(r.oid, 'portal_app', 'usage') or pg_has_role(r.oid, 'portal_replicator', 'usage') or pg_has_role(r.oid, 'portal_owner', 'usage') end
     group by 1, 2, 3
$$;

comment on function portal_replication.sessions() is
    'Who is connected to this database at this moment besides the portal and the replication: which program, as whom, from where ("local" for a socket, also where pg_read_all_stats is lacking).';
revoke execute on function portal_replication.sessions() from public;
grant execute on function portal_replication.sessions() to portal_app;

create or replace function portal_replication.scans()
returns table (table_name text, scans bigint, rows_read bigint, counted_since timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select g.table_name, coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0), coalesce(s.seq_tup_read, 0) + coalesce(s.idx_tup_fetch, 0), d.stats_reset
      from portal_replication.guarded_table g
      join pg_stat_user_tables s on s.relid = to_regclass(g.table_name)
      left join pg_stat_database d on d.datname = current_database()
$$;

comment on function portal_replication.scans() is
    'How often the guarded tables were read, by whoever, the replication included, since the statistics began.';
revoke execute on function portal_replication.scans() from public;
grant execute on function portal_replication.scans() to portal_app;
