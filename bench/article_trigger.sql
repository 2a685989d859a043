-- The obvious way, to be compared with: what the article shows for an insert, done for every other change as well. Deferred row
-- triggers, each of which writes the old rows that it knows of by itself, one foreign statement for each. It reads the same view
-- as the engine and covers the same tables, so it writes the right rows as long as nobody else writes meanwhile.

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

create or replace function public.update_old_row(of_id bigint) returns boolean
language plpgsql
as $$
declare
    r mapping.timesheet_old;
begin
    select * into r from mapping.timesheet_old where id = of_id;
    -- Nothing but parameters, so that the whole statement is sent: one round trip.
    update timesheet_old_schema.timesheet_old
       set worker_id = r.worker_id, hospital_id = r.hospital_id, status = r.status, is_approved = r.is_approved,
           worker_name = r.worker_name, hospital_name = r.hospital_name, shift_date = r.shift_date,
           start_time = r.start_time, end_time = r.end_time, break_minutes = r.break_minutes,
           hours_worked = r.hours_worked, amount_due = r.amount_due, is_paid = r.is_paid
     where id = r.id;
    return found;
end $$;

comment on function public.update_old_row(bigint) is 'Writes one changed timesheet to the old database. Returns whether it is there.';

create or replace function public.records_changed() returns trigger
language plpgsql
as $$
declare
    changed bigint[];
    id bigint;
    is_there boolean;
begin
    if tg_table_name = 'timesheet_new' and tg_op = 'DELETE' then
        delete from timesheet_old_schema.timesheet_old o where o.id = old.id;
    elsif tg_table_name = 'timesheet_new' then
        changed := array[new.id];
    elsif tg_table_name = 'payment' then
        changed := array[case tg_op when 'DELETE' then old.timesheet_id else new.timesheet_id end];
    elsif tg_table_name = 'timesheet_options' then
        changed := array(select t.id from public.timesheet_new t where t.timesheet_options_id = new.id order by t.id);
    elsif tg_table_name = 'worker' then
        changed := array(select t.id from public.timesheet_new t where t.worker_id = new.id order by t.id);
    elsif tg_table_name = 'hospital' then
        changed := array(select t.id from public.timesheet_new t join public.timesheet_options o on o.id = t.timesheet_options_id
                          where o.hospital_id = new.id order by t.id);
    end if;
    foreach id in array coalesce(changed, '{}') loop
        -- An assignment, because PERFORM would run a query.
        is_there := public.update_old_row(id);
    end loop;
    return null;
end $$;

comment on function public.records_changed() is 'Trigger function: writes every timesheet that shows the changed row to the old database.';

create constraint trigger do_dreplicate_to_old_table after insert on public.timesheet_new
    deferrable initially deferred for each row execute function public.new_records_inserted();
create constraint trigger records_changed after update or delete on public.timesheet_new
    deferrable initially deferred for each row execute function public.records_changed();
create constraint trigger records_changed after insert or update or delete on public.payment
    deferrable initially deferred for each row execute function public.records_changed();
create constraint trigger records_changed after update on public.timesheet_options
    deferrable initially deferred for each row execute function public.records_changed();
create constraint trigger records_changed after update on public.worker
    deferrable initially deferred for each row execute function public.records_changed();
create constraint trigger records_changed after update on public.hospital
    deferrable initially deferred for each row execute function public.records_changed();
