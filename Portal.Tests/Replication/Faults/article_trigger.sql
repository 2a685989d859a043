-- The obvious design, kept to be compared with: a row trigger for each table, deferred to the commit, each writing its
-- rows to the old table by itself. It replaces the engine in a database of its own.

do $$
declare
    t record;
begin
    for t in select * from replication.expected_trigger loop
        execute format('drop trigger if exists %I on %s', t.trigger_name, t.table_name);
    end loop;
end $$;

create or replace function public.new_records_inserted() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into timesheet_old_schema.timesheet_old select * from mapping.timesheet_old where id = new.id;
    return null;
end $$;

create function public.old_row_replaced(the_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update timesheet_old_schema.timesheet_old o
       set worker_id = n.worker_id, hospital_id = n.hospital_id, status = n.status, is_approved = n.is_approved,
           worker_name = n.worker_name, hospital_name = n.hospital_name, shift_date = n.shift_date, start_time = n.start_time,
           end_time = n.end_time, break_minutes = n.break_minutes, hours_worked = n.hours_worked, amount_due = n.amount_due,
           is_paid = n.is_paid
      from mapping.timesheet_old n
     where n.id = the_id and o.id = n.id;
end $$;

create function public.record_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    changed_id bigint;
begin
    if tg_table_name = 'timesheet_new' and tg_op = 'DELETE' then
        delete from timesheet_old_schema.timesheet_old where id = old.id;
        return null;
    end if;

    for changed_id in execute case tg_table_name
        when 'timesheet_new' then 'select ($1).id'
        when 'payment' then 'select ($1).timesheet_id'
        when 'timesheet_options' then 'select id from public.timesheet_new where timesheet_options_id = ($1).id'
        when 'worker' then 'select id from public.timesheet_new where worker_id = ($1).id'
        when 'hospital' then 'select t.id from public.timesheet_new t join public.timesheet_options o on o.id = t.timesheet_options_id where o.hospital_id = ($1).id'
        end using case tg_op when 'DELETE' then old else new end
    loop
        perform public.old_row_replaced(changed_id);
    end loop;
    return null;
end $$;

create constraint trigger do_dreplicate_to_old_table after insert on public.timesheet_new
    deferrable initially deferred for each row execute function public.new_records_inserted();
create constraint trigger record_changed after update or delete on public.timesheet_new
    deferrable initially deferred for each row execute function public.record_changed();
create constraint trigger record_changed after insert or delete on public.payment
    deferrable initially deferred for each row execute function public.record_changed();
create constraint trigger record_changed after update on public.timesheet_options
    deferrable initially deferred for each row execute function public.record_changed();
create constraint trigger record_changed after update on public.worker
    deferrable initially deferred for each row execute function public.record_changed();
create constraint trigger record_changed after update on public.hospital
    deferrable initially deferred for each row execute function public.record_changed();
