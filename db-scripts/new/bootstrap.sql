-- What only a superuser may do in timesheet_new: the roles, the two extensions, and the database's owner.
-- Run once, connected to the database, before everything else; it may be repeated at any time.
-- The roles cannot log in. Give the rights to logins of your own: create role ... login password ... in role portal_app.

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

comment on role portal_owner is 'Owns the databases timesheet_new and timesheet_old and all that is in them; used by migrations only.';
comment on role portal_app is 'What the portal may do: read and write timesheets, read the old database, change no schema.';
comment on role portal_replicator is 'What the replication may do in timesheet_old: read and write timesheet_old, nothing else.';

create extension if not exists postgres_fdw;
create extension if not exists btree_gist;

-- For replication.release_waiting(): to see that another role's session waits, and to cancel its wait.
grant pg_read_all_stats, pg_signal_backend to portal_owner;

grant usage on foreign data wrapper postgres_fdw to portal_owner;

do $$
begin
    execute format('alter database %I owner to portal_owner', current_database());
end $$;
