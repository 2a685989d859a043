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
    in_mapping integer;
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
        execute format('select replication.%I($1, $2, $3)', 'write_' || queued.mapping)
           into in_mapping using queued.direct_keys, queued.source_names, queued.source_keys;
        written := written + in_mapping;
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

create or replace function replication.flush() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
-- Others hold the locks from their flush to the end of their commit, some milliseconds. Whoever waits longer has met
-- something unusual and leaves its keys in the outbox, well before PostgreSQL would look for a deadlock.
set lock_timeout = '250ms'
as $$
declare
    control replication.control;
    this_transaction constant xid8 := pg_current_xact_id();
    ids bigint[];
    context text;
begin
    perform set_config('replication.flush_waits', 'no', true);
    ids := array(select id from replication.outbox where transaction_id = this_transaction);
    if ids = '{}' then
        return;
    end if;

    select * into control from replication.control;
    if control.mode <> 'synchronous' or control.breaker = 'open' or control.authority = 'old' then
        return;
    end if;

    -- At a higher level this transaction does not see what others have committed since it began, and after the first
    -- flush it sees the old database as it was then. A transaction of drain() does.
    if current_setting('transaction_isolation') <> 'read committed'
       or current_setting('replication.remote_seen_by', true) = this_transaction::text then
        perform pg_notify('replication_outbox', '');
        return;
    end if;

    begin
        perform replication.write_queued(ids);
        perform set_config('replication.remote_seen_by', this_transaction::text, true);
    exception
        when others or query_canceled then
            get stacked diagnostics context = pg_exception_context;
            perform set_config('replication.remote_seen_by', this_transaction::text, true);
            if sqlstate not like '40%' and (sqlstate like '08%' or context like '%remote SQL command%') then
                perform replication.not_written(sqlstate, sqlerrm);
            else
                perform pg_notify('replication_outbox', '');
            end if;
    end;
end $$;

comment on function replication.flush() is
    'Writes to the old database what the current transaction has changed so far; what cannot be written stays in the outbox. Runs by itself at commit.';
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

-- One event a transaction flushes for all: the first row's. The setting goes back with a rolled-back savepoint, as the
-- outbox and the waiting events do.
drop trigger if exists do_dreplicate_to_old_table on public.timesheet_new;
create constraint trigger do_dreplicate_to_old_table
    after insert on public.timesheet_new
    deferrable initially deferred
    for each row
    when (current_setting('replication.flush_waits', true) is distinct from 'yes' and set_config('replication.flush_waits', 'yes', true) = 'yes')
    execute function public.new_records_inserted();

drop trigger if exists flush_at_commit on replication.outbox;
create constraint trigger flush_at_commit
    after insert on replication.outbox
    deferrable initially deferred
    for each row
    when (current_setting('replication.flush_waits', true) is distinct from 'yes' and set_config('replication.flush_waits', 'yes', true) = 'yes')
    execute function replication.flush_at_commit();
-- Until these were conditions of PostgreSQL's own functions.
drop function if exists replication.asks_first();

select replication.record_trigger('public.timesheet_new', 'do_dreplicate_to_old_table');
select replication.record_trigger('replication.outbox', 'flush_at_commit');
