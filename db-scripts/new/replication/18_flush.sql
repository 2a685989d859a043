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

-- What a transaction has changed is in its settings (few keys) and in its entries of the outbox (more). The settings:
--   sync.only                           the only row that has changed: mapping, key, and "new", "moved" if it may show other
--                                       shared rows than before, "same" if nothing has changed that the mapping reads, or its
--                                       table if it is a shared row. "seen" once the transaction has written to the old database
--   sync.more                           "y": it is not the only one
--   replication.changed                 names of the mappings of others, whose keys are in
--   replication.changed_<mapping>       keys of old rows,
--   replication.shared_<mapping>        tables of shared rows, and replication.shared_keys_<mapping>, their keys
-- They go back with a rolled-back savepoint, as entries do and the event that waits for the commit.
create or replace function replication.note_pending() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    pending constant text[] := string_to_array(current_setting('sync.only', true), ' ');
    changed constant text[] := string_to_array(coalesce(current_setting('replication.changed', true), ''), ',');
    keys_setting text := 'replication.changed_' || pending[1];
begin
    if pending[2] is null then
        return;
    end if;
    if pending[3] not in ('new', 'moved', 'same') then
        perform set_config('replication.shared_' || pending[1],
                           (coalesce(nullif(current_setting('replication.shared_' || pending[1], true), ''), '{}')::text[] || pending[3])::text, true);
        keys_setting := 'replication.shared_keys_' || pending[1];
    end if;
    perform set_config(keys_setting, (coalesce(nullif(current_setting(keys_setting, true), ''), '{}')::bigint[] || pending[2]::bigint)::text, true);
    if pending[1] <> all (changed) then
        perform set_config('replication.changed', array_to_string(changed || pending[1], ','), true);
    end if;
    perform set_config('sync.only', '', true);
end $$;

comment on function replication.note_pending() is 'Puts the only row that has changed to the others.';
revoke execute on function replication.note_pending() from public;

create or replace function replication.queue_changed() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    mapping_name text;
begin
    -- Not to be flushed once more.
    perform set_config('replication.flush_waits', 'yes', true);
    perform replication.note_pending();
    foreach mapping_name in array string_to_array(coalesce(current_setting('replication.changed', true), ''), ',') loop
        insert into replication.outbox (mapping, source, keys)
        select mapping_name, c.source, array_agg(distinct c.key)
          from (select null, unnest(nullif(current_setting('replication.changed_' || mapping_name, true), '')::bigint[])
                union all
                select unnest(nullif(current_setting('replication.shared_' || mapping_name, true), '')::text[]),
                       unnest(nullif(current_setting('replication.shared_keys_' || mapping_name, true), '')::bigint[])) c (source, key)
         group by c.source;
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
        perform set_config('replication.shared_' || mapping_name, '', true);
        perform set_config('replication.shared_keys_' || mapping_name, '', true);
    end loop;
    perform set_config('replication.changed', '', true);
    perform set_config('sync.more', '', true);
    if current_setting('sync.only', true) <> 'seen' then
        perform set_config('sync.only', '', true);
    end if;
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

create or replace function replication.flush_many() returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    queued constant boolean := coalesce(current_setting('replication.queued', true), '') = 'yes';
    mapping_name text;
    direct_keys bigint[];
    source_names text[];
    source_keys bigint[];
begin
    if current_setting('sync.only', true) like '% %' then
        perform replication.note_pending();
    end if;
    if coalesce(current_setting('replication.changed', true), '') = '' and not queued then
        return true;
    end if;
    -- At a higher level this transaction does not see what others have committed since it began, and after the first
    -- flush it sees the old database as it was then. A transaction of drain() does.
    if current_setting('transaction_isolation') <> 'read committed' or current_setting('sync.only', true) = 'seen' then
        perform replication.queue_changed();
        perform pg_notify('replication_outbox', '');
        return true;
    end if;
    if not (select at_commit from replication.control) then
        return false;
    end if;

    if queued then
        -- All in one go, so that all locks are taken in one order.
        perform replication.queue_changed();
        perform replication.write_queued(array(select id from replication.outbox where transaction_id = pg_current_xact_id()));
        perform set_config('replication.queued', 'no', true);
    else
        foreach mapping_name in array string_to_array(current_setting('replication.changed'), ',') loop
            direct_keys := coalesce(nullif(current_setting('replication.changed_' || mapping_name, true), ''), '{}')::bigint[];
            if cardinality(direct_keys) > 1 then
                direct_keys := array(select distinct k from unnest(direct_keys) k);
            end if;
            source_names := coalesce(nullif(current_setting('replication.shared_' || mapping_name, true), ''), '{}')::text[];
            source_keys := coalesce(nullif(current_setting('replication.shared_keys_' || mapping_name, true), ''), '{}')::bigint[];
            perform replication.write_rows(mapping_name, direct_keys, source_names, source_keys);
        end loop;
        perform replication.clear_changed();
    end if;
    perform set_config('sync.only', 'seen', true);
    perform set_config('replication.likely_queues', 'no', false);
    return true;
end $$;

comment on function replication.flush_many() is
    'Writes whatever the current transaction has changed, one row or a million. Returns false if it is not to be written now, and to be queued by who calls this.';
revoke execute on function replication.flush_many() from public;

drop function if exists replication.make_flush_trigger(name, text, text, text);

create or replace function replication.make_flush_trigger(
    trigger_name name, event text, of_table text, trigger_function text, condition text) returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('drop trigger if exists %I on %s', trigger_name, of_table);
    execute format(
        $trigger$create constraint trigger %I after %s on %s deferrable initially deferred for each row
                 when (%s)
                 execute function %s()$trigger$,
        trigger_name, event, of_table, condition, trigger_function);
    perform replication.record_trigger(of_table, trigger_name);
end $$;

comment on function replication.make_flush_trigger(name, text, text, text, text) is
    'Makes the trigger that has a transaction flush at its commit when it has written this table and the condition holds.';
revoke execute on function replication.make_flush_trigger(name, text, text, text, text) from public;
