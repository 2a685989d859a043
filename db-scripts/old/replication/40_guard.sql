-- The guard: tells the replication's writes from everybody else's, notes those, and refuses them if it is told to.

create or replace function portal_replication.is_replication() returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    -- A superuser is a member of every role, so it has to say what it is.
    select case when r.rolsuper then current_setting('application_name') = 'portal_replication'
                else pg_has_role(r.oid, 'portal_replicator', 'usage') end
      from pg_roles r where r.rolname = session_user
$$;

comment on function portal_replication.is_replication() is 'Whether this session is the replication''s: its login is a member of portal_replicator.';
revoke execute on function portal_replication.is_replication() from public;

-- Before each statement of somebody else: refuses it, or remembers what PostgreSQL had counted so far.
create or replace function portal_replication.guard_before() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    target constant text := format('%I.%I', tg_table_schema, tg_table_name);
    setting constant text := 'portal_guard.' || lower(tg_op);
begin
    if portal_replication.is_replication() then
        return null;
    end if;

    if (select g.mode from portal_replication.guard g) = 'refuse' then
        perform nextval('portal_replication.refused_writes');
        raise log 'portal_replication refused % of % by % as % from %', tg_op, target,
            current_setting('application_name', true), session_user, coalesce(host(inet_client_addr()), 'local');
        raise exception using
            errcode = 'insufficient_privilege',
            message = format('%s is not written directly any more: it follows the new database', target),
            detail = format('%s by %L as %s was refused.', tg_op, current_setting('application_name', true), session_user),
            hint = 'Write through the portal. An admin can let direct writes pass again on its plan page.';
    end if;

    if tg_op = 'TRUNCATE' then
        perform portal_replication.note_other_write(target, 'truncate',
            (select greatest(c.reltuples, 0)::bigint from pg_class c where c.oid = tg_relid), null);
    else
        -- In front of those of statements that this one is run by: triggers of the old table may write it too.
        perform set_config(setting, concat_ws(' ', portal_replication.rows_written(tg_relid, tg_op), nullif(current_setting(setting, true), '')), true);
    end if;
    return null;
end $$;

comment on function portal_replication.guard_before() is 'Trigger function: refuses a write that is not the replication''s, or remembers the count of rows before it.';
revoke execute on function portal_replication.guard_before() from public;

create or replace function portal_replication.guard_begun(write_operation text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    setting constant text := 'portal_guard.' || lower(write_operation);
    begun constant text := nullif(current_setting(setting, true), '');
begin
    if begun is null then
        return null;
    end if;
    perform set_config(setting, substr(begun, length(split_part(begun, ' ', 1)) + 2), true);
    return split_part(begun, ' ', 1)::bigint;
end $$;

comment on function portal_replication.guard_begun(text) is 'What guard_before() has remembered for the statement that ends now; null if that is none of somebody else.';
revoke execute on function portal_replication.guard_begun(text) from public;

create or replace function portal_replication.rows_written(target oid, write_operation text) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select case write_operation
               when 'INSERT' then pg_stat_get_xact_tuples_inserted(target)
               when 'UPDATE' then pg_stat_get_xact_tuples_updated(target)
               else 0 end
$$;

comment on function portal_replication.rows_written(oid, text) is 'How many rows of a table this session has inserted or updated, since it last reported its statistics.';
revoke execute on function portal_replication.rows_written(oid, text) from public;

-- After a statement that guard_before() has found to be somebody else's.
create or replace function portal_replication.guard_after() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    before constant bigint := portal_replication.guard_begun(tg_op);
    row_count bigint;
begin
    if before is null then
        return null;
    end if;
    row_count := portal_replication.rows_written(tg_relid, tg_op) - before;
    if row_count > 0 or not current_setting('track_counts')::boolean then
        perform portal_replication.note_other_write(format('%I.%I', tg_table_schema, tg_table_name), lower(tg_op), row_count, null);
    end if;
    return null;
end $$;

comment on function portal_replication.guard_after() is 'Trigger function: notes a statement of somebody else, if it wrote any row.';
revoke execute on function portal_replication.guard_after() from public;

-- Deleted rows cannot be asked later who did it, so their keys are kept.
create or replace function portal_replication.guard_deleted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    row_count bigint;
    keys bigint[];
begin
    if portal_replication.guard_begun(tg_op) is null then
        return null;
    end if;
    execute format('select count(*), (array_agg(%I))[:10000] from before_rows', tg_argv[0]) into row_count, keys;
    if row_count > 0 then
        perform portal_replication.note_other_write(format('%I.%I', tg_table_schema, tg_table_name), 'delete', row_count, keys);
    end if;
    return null;
end $$;

comment on function portal_replication.guard_deleted() is 'Trigger function: notes what somebody else has deleted, if it was any row.';
revoke execute on function portal_replication.guard_deleted() from public;

create or replace function portal_replication.guard_table(target text, key_column name) returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    -- Their statements pass without a call, and the shorter the condition, the quicker. Of a login that became a member
    -- later the functions find out by themselves.
    condition constant text := format('session_user <> all (%L::name[])', array(
        select r.rolname from pg_roles r where r.rolcanlogin and not r.rolsuper and pg_has_role(r.oid, 'portal_replicator', 'usage') order by r.rolname));
    wanted record;
begin
    insert into portal_replication.guarded_table (table_name, key_column) values (target, guard_table.key_column)
    on conflict (table_name) do update set key_column = excluded.key_column;
    for wanted in
        select format('portal_guard_%s_%s', w.timing, w.event) as name, w.* from (values
            ('before', 'insert', '', 'guard_before()'), ('after', 'insert', '', 'guard_after()'),
            ('before', 'update', '', 'guard_before()'), ('after', 'update', '', 'guard_after()'),
            ('before', 'delete', '', 'guard_before()'),
            ('after', 'delete', 'referencing old table as before_rows', format('guard_deleted(%L)', guard_table.key_column)),
            ('before', 'truncate', '', 'guard_before()')) w (timing, event, transition, function)
    loop
        execute format('drop trigger if exists %I on %s', wanted.name, target);
        execute format('create trigger %I %s %s on %s %s for each statement when (%s) execute function portal_replication.%s',
            wanted.name, wanted.timing, wanted.event, target, wanted.transition, condition, wanted.function);
        -- Whoever sets session_replication_role to replica is seen too.
        execute format('alter table %s enable always trigger %I', target, wanted.name);
    end loop;
end $$;

comment on function portal_replication.guard_table(text, name) is 'Has a table guarded, or guarded anew; key_column is its key, a bigint.';
revoke execute on function portal_replication.guard_table(text, name) from public;

create or replace function portal_replication.set_guard(new_mode text, account text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    old_mode text;
begin
    select g.mode into old_mode from portal_replication.guard g for update;
    if old_mode is distinct from new_mode then
        update portal_replication.guard set mode = new_mode, changed_at = clock_timestamp(), changed_by = account;
    end if;
    return old_mode;
end $$;

comment on function portal_replication.set_guard(text, text) is 'Says what becomes of writes that are not the replication''s (record or refuse), from the next statement on. Returns what it was.';
revoke execute on function portal_replication.set_guard(text, text) from public;
grant execute on function portal_replication.set_guard(text, text) to portal_app;

create or replace function portal_replication.writing_now() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select count(distinct l.pid)
      from portal_replication.guarded_table g
      join pg_locks l on l.relation = to_regclass(g.table_name)
      join pg_stat_activity a on a.pid = l.pid
      join pg_roles r on r.oid = a.usesysid
     where l.locktype = 'relation' and l.mode = 'RowExclusiveLock' and l.granted
       and l.database = (select d.oid from pg_database d where d.datname = current_database())
       and not case when r.rolsuper then a.application_name = 'portal_replication' else pg_has_role(r.oid, 'portal_replicator', 'usage') end
$$;

comment on function portal_replication.writing_now() is
    'How many sessions of others are in the middle of a transaction that writes a guarded table: what they wrote shows only once they commit.';
revoke execute on function portal_replication.writing_now() from public;
grant execute on function portal_replication.writing_now() to portal_app;

create or replace function portal_replication.silent_guards() returns table (table_name text, trigger_name text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select g.table_name, n.name
      from portal_replication.guarded_table g,
           unnest(array['portal_guard_before_insert', 'portal_guard_before_update', 'portal_guard_before_delete', 'portal_guard_before_truncate',
                        'portal_guard_after_insert', 'portal_guard_after_update', 'portal_guard_after_delete']) n (name)
     where not exists (select from pg_trigger t where t.tgrelid = to_regclass(g.table_name) and t.tgname = n.name and t.tgenabled = 'A')
$$;

comment on function portal_replication.silent_guards() is 'Triggers of the guard that are missing or switched off, so that writes pass it by unseen.';
revoke execute on function portal_replication.silent_guards() from public;
grant execute on function portal_replication.silent_guards() to portal_app;

select portal_replication.guard_table('public.timesheet_old', 'id');
