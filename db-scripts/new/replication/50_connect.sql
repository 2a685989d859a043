-- The connection to the old database.

create or replace function replication.connect_old_server(
    host text, port integer, dbname text,
    writer text, writer_password text,
    reader text, reader_password text)
returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    setting record;
begin
    -- For good: also what a script may have made anew since.
    if exists (select from replication.control where retired_at is not null) then
        perform replication.dismantle();
        return;
    end if;
    if not exists (select from pg_foreign_server where srvname = 'timesheet_old_server') then
        create server timesheet_old_server foreign data wrapper postgres_fdw;
        create user mapping for portal_owner server timesheet_old_server;
    end if;

    for setting in
        select * from (values
            ('host', host),
            ('port', port::text),
            ('dbname', dbname),
            ('application_name', 'portal_replication'),
            ('connect_timeout', '2'),
            ('keepalives_idle', '5'),
            ('keepalives_interval', '2'),
            ('keepalives_count', '3'),
            ('tcp_user_timeout', '10000'),
            -- The last four let the old server notice that the new one is gone without a word: it would keep its row locks for hours.
            ('options', '-c lock_timeout=500ms -c statement_timeout=10s -c synchronous_commit=off -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=10000'),
            ('batch_size', '1000'),
            ('fetch_size', '10000')) as wanted (name, value)
    loop
        execute format('alter server timesheet_old_server options (%s %I %L)',
            case when exists (
                     select from pg_foreign_server s, pg_options_to_table(s.srvoptions) o
                      where s.srvname = 'timesheet_old_server' and o.option_name = setting.name)
                 then 'set' else 'add' end,
            setting.name, setting.value);
    end loop;

    -- The trigger functions, which belong to portal_owner, write; everyone else can at most read.
    drop user mapping for portal_owner server timesheet_old_server;
    execute format('create user mapping for portal_owner server timesheet_old_server options (user %L, password %L)',
        writer, writer_password);
    drop user mapping if exists for public server timesheet_old_server;
    execute format('create user mapping for public server timesheet_old_server options (user %L, password %L)',
        reader, reader_password);

    perform replication.import_old_schema();
    perform replication.choose_authority();
end $$;

comment on function replication.connect_old_server(text, integer, text, text, text, text, text) is
    'Creates or changes the foreign server timesheet_old_server, who logs in there as whom, and imports the old tables. Repeat it whenever the old database moves or a password changes.';
revoke execute on function replication.connect_old_server(text, integer, text, text, text, text, text) from public;

create or replace function replication.import_old_schema() returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
begin
    -- The import is a picture of one moment: to see later changes of the old tables, it is taken again.
    drop foreign table if exists timesheet_old_schema.timesheet_old;
    import foreign schema public limit to (timesheet_old) from server timesheet_old_server into timesheet_old_schema;
    grant select on timesheet_old_schema.timesheet_old to portal_app;
    -- Where rows are delivered, and where it is asked who else has written one. Only the replication's functions may.
    drop foreign table if exists replication.inbox, replication.inbox_timesheet_old, replication.others_wrote;
    import foreign schema portal_replication limit to (inbox, inbox_timesheet_old, others_wrote) from server timesheet_old_server into replication;
    perform replication.apply_left_out();
end $$;

comment on function replication.import_old_schema() is 'Takes the picture of the old tables in timesheet_old_schema anew.';
revoke execute on function replication.import_old_schema() from public;
