-- When keys are written: at commit if that can be, otherwise by drain(), later.

create or replace function replication.set_aside(mapping_name text, refusals jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into replication.set_aside (mapping, key, code, message, next_attempt_at)
    select mapping_name, r.key, r.code, r.message, now() + interval '1 second'
      from jsonb_to_recordset(refusals) r (key bigint, code text, message text)
    on conflict (mapping, key) do update
       set code = excluded.code, message = excluded.message, attempts = set_aside.attempts + 1,
           -- 2 s, 4 s, 8 s, ... one hour.
           next_attempt_at = now() + least(interval '1 hour', interval '1 second' * (2 ^ least(set_aside.attempts, 12)));
end $$;

comment on function replication.set_aside(text, jsonb) is 'Notes rows that the old table refused, and when to try them again.';
revoke execute on function replication.set_aside(text, jsonb) from public;

create or replace function replication.write_queued(ids bigint[]) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    queued record;
    written integer := 0;
begin
    for queued in
        with taken as (
            delete from replication.outbox where id = any (ids) returning mapping, source, keys
        ), changed as (
            select distinct t.mapping, t.source, k.key from taken t, unnest(t.keys) k (key)
        )
        select c.mapping,
               coalesce(array_agg(c.key) filter (where c.source is null), '{}') as direct_keys,
               coalesce(array_agg(c.source order by c.source, c.key) filter (where c.source is not null), '{}') as source_names,
               coalesce(array_agg(c.key order by c.source, c.key) filter (where c.source is not null), '{}') as source_keys
          from changed c
         group by c.mapping
         order by c.mapping
    loop
        written := written + replication.write_rows(queued.mapping, queued.direct_keys, queued.source_names, queued.source_keys);
    end loop;
    return written;
end $$;

comment on function replication.write_queued(bigint[]) is 'Takes these entries out of the outbox and writes what they name. Returns the number of old rows looked after.';
revoke execute on function replication.write_queued(bigint[]) from public;

create or replace function replication.not_written(code text, message text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    -- Whoever comes second while the first one's transaction is open has nothing to add.
    perform from replication.control for update skip locked;
    if found then
        update replication.control
           set breaker = 'open',
               breaker_since = case breaker when 'open' then breaker_since else clock_timestamp() end,
               error_code = code, error_message = message, error_at = clock_timestamp();
    end if;
end $$;

comment on function replication.not_written(text, text) is 'Opens the breaker: the old database could not be written.';
revoke execute on function replication.not_written(text, text) from public;
grant execute on function replication.not_written(text, text) to portal_app;

-- What a transaction has changed is in its settings (few keys: replication.changed names the mappings, changed_<mapping>
-- holds the keys) and in its entries of the outbox (more). Settings go back with a rolled-back savepoint, as entries do and
-- the event that waits for the commit.
create or replace function replication.queue_changed() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    mapping_name text;
begin
    -- Not to be flushed once more.
    perform set_config('replication.flush_waits', 'yes', true);
    foreach mapping_name in array string_to_array(coalesce(current_setting('replication.changed', true), ''), ',') loop
        insert into replication.outbox (mapping, keys)
        select mapping_name, array_agg(distinct c) from unnest(current_setting('replication.changed_' || mapping_name)::bigint[]) c;
    end loop;
    perform replication.clear_changed();
    perform set_config('replication.flush_waits', 'no', true);
end $$;

comment on function replication.queue_changed() is 'Puts what the current transaction has in its settings into the outbox.';
revoke execute on function replication.queue_changed() from public;

create or replace function replication.clear_changed() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    mapping_name text;
begin
    foreach mapping_name in array string_to_array(coalesce(current_setting('replication.changed', true), ''), ',') loop
        perform set_config('replication.changed_' || mapping_name, '', true);
    end loop;
    perform set_config('replication.changed', '', true);
end $$;

comment on function replication.clear_changed() is 'Empties the settings of the current transaction.';
revoke execute on function replication.clear_changed() from public;

create or replace function replication.forget_changed() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform replication.clear_changed();
    delete from replication.outbox where transaction_id = pg_current_xact_id();
end $$;

comment on function replication.forget_changed() is 'Has the old database not written what the current transaction has changed: it comes from there.';
revoke execute on function replication.forget_changed() from public;

create or replace function replication.flush() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
-- Others hold the locks from their flush to the end of their commit, some milliseconds. Whoever waits longer has met
-- something unusual and leaves its keys in the outbox, well before PostgreSQL would look for a deadlock.
set lock_timeout = '250ms'
as $$
declare
    control replication.control;
    this_transaction constant xid8 := pg_current_xact_id();
    changed_mappings constant text[] := string_to_array(coalesce(current_setting('replication.changed', true), ''), ',');
    queued constant boolean := coalesce(current_setting('replication.queued', true), '') = 'yes';
    mapping_name text;
    changed bigint[];
    context text;
begin
    perform set_config('replication.flush_waits', 'no', true);
    if changed_mappings = '{}' and not queued then
        return;
    end if;

    select * into control from replication.control;
    if control.mode <> 'synchronous' or control.breaker = 'open' or control.authority = 'old' then
        perform replication.queue_changed();
        -- The session's next transactions put it there at once.
        perform set_config('replication.likely_queues', 'yes', false);
        return;
    end if;
    perform set_config('replication.likely_queues', 'no', false);

    -- At a higher level this transaction does not see what others have committed since it began, and after the first
    -- flush it sees the old database as it was then. A transaction of drain() does.
    if current_setting('transaction_isolation') <> 'read committed'
       or current_setting('replication.remote_seen_by', true) = this_transaction::text then
        perform replication.queue_changed();
        perform pg_notify('replication_outbox', '');
        return;
    end if;

    begin
        if queued then
            -- All in one go, so that all locks are taken in one order.
            perform replication.queue_changed();
            perform replication.write_queued(array(select id from replication.outbox where transaction_id = this_transaction));
            perform set_config('replication.queued', 'no', true);
        else
            foreach mapping_name in array changed_mappings loop
                changed := current_setting('replication.changed_' || mapping_name)::bigint[];
                if cardinality(changed) > 1 then
                    changed := array(select distinct c from unnest(changed) c);
                end if;
                perform replication.write_rows(mapping_name, changed, '{}', '{}');
            end loop;
            perform replication.clear_changed();
        end if;
        perform set_config('replication.remote_seen_by', this_transaction::text, true);
    exception
        when others or query_canceled then
            get stacked diagnostics context = pg_exception_context;
            perform set_config('replication.remote_seen_by', this_transaction::text, true);
            perform replication.queue_changed();
            if sqlstate not like '40%' and (sqlstate like '08%' or sqlstate = '2F003' or context like '%remote SQL command%') then
                perform replication.not_written(sqlstate, sqlerrm);
            else
                perform pg_notify('replication_outbox', '');
            end if;
    end;
end $$;

comment on function replication.flush() is
    'Writes to the old database what the current transaction has changed so far; what cannot be written is put into the outbox. Runs by itself at commit.';
revoke execute on function replication.flush() from public;

create or replace function public.new_records_inserted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform replication.flush();
    return null;
end $$;

comment on function public.new_records_inserted() is
    'Trigger function: at the end of a transaction that inserted timesheets, writes them to the old database.';
revoke execute on function public.new_records_inserted() from public;

create or replace function replication.flush_at_commit() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform replication.flush();
    return null;
end $$;

comment on function replication.flush_at_commit() is
    'Trigger function: at the end of a transaction that queued anything, writes it to the old database.';
revoke execute on function replication.flush_at_commit() from public;

create or replace function replication.flush_event() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform replication.flush();
    delete from replication.commit_event where ctid = new.ctid;
    return null;
end $$;

comment on function replication.flush_event() is 'Trigger function: at the end of a transaction that changed a source table, writes that to the old database.';
revoke execute on function replication.flush_event() from public;

create or replace function replication.make_flush_trigger(
    trigger_name name, of_table text, trigger_function text, condition text default 'true') returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('drop trigger if exists %I on %s', trigger_name, of_table);
    -- One event a transaction flushes for all: the first row's.
    execute format(
        $trigger$create constraint trigger %I after insert on %s deferrable initially deferred for each row
                 when (%s and current_setting('replication.flush_waits', true) is distinct from 'yes'
                       and set_config('replication.flush_waits', 'yes', true) = 'yes')
                 execute function %s()$trigger$,
        trigger_name, of_table, condition, trigger_function);
    perform replication.record_trigger(of_table, trigger_name);
end $$;

comment on function replication.make_flush_trigger(name, text, text, text) is
    'Makes the trigger that has a transaction flush at its commit when it has inserted into this table.';
revoke execute on function replication.make_flush_trigger(name, text, text, text) from public;

select replication.make_flush_trigger('do_dreplicate_to_old_table', 'public.timesheet_new', 'public.new_records_inserted');
select replication.make_flush_trigger('flush_at_commit', 'replication.commit_event', 'replication.flush_event');
select replication.make_flush_trigger('flush_at_commit', 'replication.outbox', 'replication.flush_at_commit',
    $$set_config('replication.queued', 'yes', true) = 'yes'$$);
-- Until these were conditions of PostgreSQL's own functions.
drop function if exists replication.asks_first();
