-- Writing to the old database. What is passed on is a key; what is written is the row as the mapping shows it now.
-- So writing a key twice, or in another order, ends the same.

create or replace function replication.write_to_old(keys bigint[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    -- The rows that the mapping reads besides the timesheets. Whoever changes one of them finds its timesheets
    -- by a query, which misses one that another open transaction is just moving there: so that transaction waits
    -- here for the change, and a later change waits for it.
    perform from public.timesheet_options o
      where o.id in (select t.timesheet_options_id from public.timesheet_new t where t.id = any (keys))
      order by o.id for share;
    perform from public.hospital h
      where h.id in (select o.hospital_id
                       from public.timesheet_new t join public.timesheet_options o on o.id = t.timesheet_options_id
                      where t.id = any (keys))
      order by h.id for share;
    perform from public.worker w
      where w.id in (select t.worker_id from public.timesheet_new t where t.id = any (keys))
      order by w.id for share;

    -- One writer of a key at a time, to the end of its transaction: the next one reads the mapping after this one's
    -- commit. 256 stripes instead of a lock a key, because the lock table holds only a few thousand.
    perform pg_advisory_xact_lock(hashtext('replication.write_to_old'), stripe)
       from (select distinct (k % 256)::integer as stripe from unnest(keys) k order by 1) stripes;

    delete from timesheet_old_schema.timesheet_old where id = any (keys);
    insert into timesheet_old_schema.timesheet_old select * from mapping.timesheet_old where id = any (keys);
end $$;

comment on function replication.write_to_old(bigint[]) is
    'Makes the old rows of these timesheets what the mapping shows now: inserts, replaces or deletes them.';
revoke execute on function replication.write_to_old(bigint[]) from public;

create or replace function replication.flush() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    keys bigint[];
begin
    -- Called once a changed row, does its work in the first call. The setting goes back with a rolled-back savepoint,
    -- as the outbox does. (Looking into the outbox instead would walk over all rows just deleted, each time.)
    if coalesce(current_setting('replication.unflushed', true), '') <> 'yes' then
        return;
    end if;
    perform set_config('replication.unflushed', 'no', true);

    with taken as (
        delete from replication.outbox where transaction_id = pg_current_xact_id() returning key
    )
    select array_agg(distinct key) into keys from taken;

    if keys is not null then
        perform replication.write_to_old(keys);
    end if;
end $$;

comment on function replication.flush() is
    'Writes to the old database whatever the current transaction has changed so far. Runs by itself at commit.';
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
    'Trigger function: at the end of a transaction that changed timesheets in any way, writes them to the old database.';
revoke execute on function replication.flush_at_commit() from public;

drop trigger if exists do_dreplicate_to_old_table on public.timesheet_new;
create constraint trigger do_dreplicate_to_old_table
    after insert on public.timesheet_new
    deferrable initially deferred
    for each row execute function public.new_records_inserted();

drop trigger if exists flush_at_commit on replication.outbox;
create constraint trigger flush_at_commit
    after insert on replication.outbox
    deferrable initially deferred
    for each row execute function replication.flush_at_commit();
