-- Which timesheets a statement changed. Each trigger fires once a statement, whatever the number of rows, and puts
-- keys into the outbox; flush_at_commit writes them to the old database at the end of the transaction.

create or replace function replication.capture_timesheets() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('replication.unflushed', 'yes', true);
    insert into replication.outbox (key)
    select id from changed;
    return null;
end $$;

comment on function replication.capture_timesheets() is 'Trigger function: keeps the keys of inserted or deleted timesheets.';
revoke execute on function replication.capture_timesheets() from public;

create or replace function replication.capture_updated_timesheets() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('replication.unflushed', 'yes', true);
    insert into replication.outbox (key)
    select id from before union select id from changed;
    return null;
end $$;

comment on function replication.capture_updated_timesheets() is 'Trigger function: keeps the keys of updated timesheets, the old key too if the key itself changed.';
revoke execute on function replication.capture_updated_timesheets() from public;

create or replace function replication.capture_all_timesheets() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('replication.unflushed', 'yes', true);
    insert into replication.outbox (key)
    select id from public.timesheet_new;
    return null;
end $$;

comment on function replication.capture_all_timesheets() is 'Trigger function: keeps the keys of all timesheets before they are truncated.';
revoke execute on function replication.capture_all_timesheets() from public;

create or replace function replication.capture_timesheets_of_options() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('replication.unflushed', 'yes', true);
    insert into replication.outbox (key)
    select t.id from public.timesheet_new t join changed c on c.id = t.timesheet_options_id;
    return null;
end $$;

comment on function replication.capture_timesheets_of_options() is 'Trigger function: keeps the keys of the timesheets that use changed options.';
revoke execute on function replication.capture_timesheets_of_options() from public;

create or replace function replication.capture_timesheets_of_hospital() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('replication.unflushed', 'yes', true);
    insert into replication.outbox (key)
    select t.id
      from changed c
      join public.timesheet_options o on o.hospital_id = c.id
      join public.timesheet_new t on t.timesheet_options_id = o.id;
    return null;
end $$;

comment on function replication.capture_timesheets_of_hospital() is 'Trigger function: keeps the keys of the timesheets of changed hospitals.';
revoke execute on function replication.capture_timesheets_of_hospital() from public;

create or replace function replication.capture_timesheets_of_worker() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('replication.unflushed', 'yes', true);
    insert into replication.outbox (key)
    select t.id from public.timesheet_new t join changed c on c.id = t.worker_id;
    return null;
end $$;

comment on function replication.capture_timesheets_of_worker() is 'Trigger function: keeps the keys of the timesheets of changed workers.';
revoke execute on function replication.capture_timesheets_of_worker() from public;

create or replace function replication.capture_timesheets_of_payment() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('replication.unflushed', 'yes', true);
    insert into replication.outbox (key)
    select timesheet_id from changed;
    return null;
end $$;

comment on function replication.capture_timesheets_of_payment() is 'Trigger function: keeps the keys of the timesheets of inserted or deleted payments.';
revoke execute on function replication.capture_timesheets_of_payment() from public;

create or replace function replication.capture_timesheets_of_updated_payment() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('replication.unflushed', 'yes', true);
    insert into replication.outbox (key)
    select timesheet_id from before union select timesheet_id from changed;
    return null;
end $$;

comment on function replication.capture_timesheets_of_updated_payment() is 'Trigger function: keeps the keys of the timesheets of updated payments, the one it was moved from too.';
revoke execute on function replication.capture_timesheets_of_updated_payment() from public;

create or replace function replication.capture_timesheets_of_all_payments() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('replication.unflushed', 'yes', true);
    insert into replication.outbox (key)
    select timesheet_id from public.payment;
    return null;
end $$;

comment on function replication.capture_timesheets_of_all_payments() is 'Trigger function: keeps the keys of all paid timesheets before the payments are truncated.';
revoke execute on function replication.capture_timesheets_of_all_payments() from public;

drop trigger if exists capture_insert on public.timesheet_new;
create trigger capture_insert after insert on public.timesheet_new
    referencing new table as changed
    for each statement execute function replication.capture_timesheets();

drop trigger if exists capture_update on public.timesheet_new;
create trigger capture_update after update on public.timesheet_new
    referencing old table as before new table as changed
    for each statement execute function replication.capture_updated_timesheets();

drop trigger if exists capture_delete on public.timesheet_new;
create trigger capture_delete after delete on public.timesheet_new
    referencing old table as changed
    for each statement execute function replication.capture_timesheets();

drop trigger if exists capture_truncate on public.timesheet_new;
create trigger capture_truncate before truncate on public.timesheet_new
    for each statement execute function replication.capture_all_timesheets();

-- The other tables that the mapping reads. Their keys are referred to by timesheets, so inserting a row there
-- changes no timesheet yet, and one that is used cannot be deleted.
drop trigger if exists capture_update on public.timesheet_options;
create trigger capture_update after update on public.timesheet_options
    referencing new table as changed
    for each statement execute function replication.capture_timesheets_of_options();

drop trigger if exists capture_update on public.hospital;
create trigger capture_update after update on public.hospital
    referencing new table as changed
    for each statement execute function replication.capture_timesheets_of_hospital();

drop trigger if exists capture_update on public.worker;
create trigger capture_update after update on public.worker
    referencing new table as changed
    for each statement execute function replication.capture_timesheets_of_worker();

drop trigger if exists capture_insert on public.payment;
create trigger capture_insert after insert on public.payment
    referencing new table as changed
    for each statement execute function replication.capture_timesheets_of_payment();

drop trigger if exists capture_update on public.payment;
create trigger capture_update after update on public.payment
    referencing old table as before new table as changed
    for each statement execute function replication.capture_timesheets_of_updated_payment();

drop trigger if exists capture_delete on public.payment;
create trigger capture_delete after delete on public.payment
    referencing old table as changed
    for each statement execute function replication.capture_timesheets_of_payment();

drop trigger if exists capture_truncate on public.payment;
create trigger capture_truncate before truncate on public.payment
    for each statement execute function replication.capture_timesheets_of_all_payments();
