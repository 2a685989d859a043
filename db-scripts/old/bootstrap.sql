-- What only a superuser may do in timesheet_old: the roles and the database's owner.
-- Run once, connected to the database, before everything else; it may be repeated at any time.

do $$
declare
    role_name text;
begin
    foreach role_name in array array['portal_owner', 'portal_app', 'portal_replicator'] loop
        begin
            if not exists (select from pg_catalog.pg_roles where rolname = role_name) then
                execute format('create role %I nologin', role_name);
            end if;
        exception
            -- Roles belong to the whole cluster: somebody may set up another database at this moment.
            when duplicate_object or unique_violation then null;
        end;
    end loop;
end $$;

-- For portal_replication.sessions(): to see from where others are connected.
grant pg_read_all_stats to portal_owner;

do $$
begin
    execute format('alter database %I owner to portal_owner', current_database());
end $$;
