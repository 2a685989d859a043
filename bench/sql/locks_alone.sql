-- The article's trigger and the least that keeps its rows equal under contention: locks until the commit is over, taken before
-- anything is read. No savepoint, so the old database fails the user's transaction; no outbox, one statement a row, and only
-- the columns and tables of this mix. So it shows what such locks cost whoever takes them.

create or replace function public.records_updated() returns trigger
language plpgsql
as $$
declare
    lock_class constant integer := hashtext('locks alone');
    r mapping.timesheet_old;
begin
    perform pg_advisory_xact_lock_shared(lock_class, -1 - new.timesheet_options_id::integer);
    perform pg_advisory_xact_lock(lock_class, new.id::integer);
    select * into r from mapping.timesheet_old where id = new.id;
    update timesheet_old_schema.timesheet_old
       set worker_id = r.worker_id, hospital_id = r.hospital_id, status = r.status, is_approved = r.is_approved,
           worker_name = r.worker_name, hospital_name = r.hospital_name, shift_date = r.shift_date,
           start_time = r.start_time, end_time = r.end_time, break_minutes = r.break_minutes,
           hours_worked = r.hours_worked, amount_due = r.amount_due, is_paid = r.is_paid
     where id = r.id;
    return null;
end $$;

create or replace function public.options_updated() returns trigger
language plpgsql
as $$
declare
    lock_class constant integer := hashtext('locks alone');
    shown bigint;
    name text;
begin
    perform pg_advisory_xact_lock(lock_class, -1 - new.id::integer);
    for shown in select t.id from public.timesheet_new t where t.timesheet_options_id = new.id order by t.id loop
        perform pg_advisory_xact_lock(lock_class, shown::integer);
    end loop;
    select h.name into name from public.hospital h where h.id = new.hospital_id;
    -- Who was moved away meanwhile is not among them any more, and nobody is moved here.
    update timesheet_old_schema.timesheet_old set hospital_id = new.hospital_id, hospital_name = name
     where id = any (array(select t.id from public.timesheet_new t where t.timesheet_options_id = new.id));
    return null;
end $$;

-- As the engine's sessions.
alter server timesheet_old_server options (add options '-c synchronous_commit=off');
