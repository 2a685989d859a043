-- The obvious way, for comparison: a deferred constraint trigger writes every changed row to the old table, one foreign
-- statement each. It is what the article shows, with the update added, and a fan-out for the hospital of the options.
-- It reads the same view as the engine, so both have to write the same old row.

create or replace function public.new_records_inserted() returns trigger
language plpgsql
as $$
declare
    r mapping.timesheet_old;
begin
    select * into r from mapping.timesheet_old where id = new.id;
    insert into timesheet_old_schema.timesheet_old values (r.*);
    return null;
end $$;

comment on function public.new_records_inserted() is 'Trigger function: writes one new timesheet to the old database.';

create or replace function public.records_updated() returns trigger
language plpgsql
as $$
declare
    r mapping.timesheet_old;
begin
    select * into r from mapping.timesheet_old where id = new.id;
    -- Nothing but parameters, so that the whole statement is sent: one round trip.
    update timesheet_old_schema.timesheet_old
       set worker_id = r.worker_id, hospital_id = r.hospital_id, status = r.status, is_approved = r.is_approved,
           worker_name = r.worker_name, hospital_name = r.hospital_name, shift_date = r.shift_date,
           start_time = r.start_time, end_time = r.end_time, break_minutes = r.break_minutes,
           hours_worked = r.hours_worked, amount_due = r.amount_due, is_paid = r.is_paid
     where id = r.id;
    return null;
end $$;

comment on function public.records_updated() is 'Trigger function: writes one changed timesheet to the old database.';

create or replace function public.options_updated() returns trigger
language plpgsql
as $$
declare
    shown bigint[] := array(select t.id from public.timesheet_new t where t.timesheet_options_id = new.id);
    name text;
begin
    select h.name into name from public.hospital h where h.id = new.hospital_id;
    update timesheet_old_schema.timesheet_old set hospital_id = new.hospital_id, hospital_name = name where id = any (shown);
    return null;
end $$;

comment on function public.options_updated() is 'Trigger function: writes another hospital of the options to all their timesheets in the old database.';

drop trigger if exists do_dreplicate_to_old_table on public.timesheet_new;
create constraint trigger do_dreplicate_to_old_table
    after insert on public.timesheet_new
    deferrable initially deferred
    for each row execute function public.new_records_inserted();

drop trigger if exists records_updated on public.timesheet_new;
create constraint trigger records_updated
    after update on public.timesheet_new
    deferrable initially deferred
    for each row execute function public.records_updated();

drop trigger if exists options_updated on public.timesheet_options;
create constraint trigger options_updated
    after update on public.timesheet_options
    deferrable initially deferred
    for each row execute function public.options_updated();

-- They run as whoever writes.
grant execute on function public.new_records_inserted(), public.records_updated(), public.options_updated() to portal_app;
grant insert, update on timesheet_old_schema.timesheet_old to portal_app;

-- A foreign server as postgres_fdw's manual makes one.
alter server timesheet_old_server options (drop options, drop batch_size, drop fetch_size);
