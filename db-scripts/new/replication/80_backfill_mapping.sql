-- The mapping read backwards: what the old rows in replication.incoming would be in the new tables, and what forbids it.
-- It only proposes. What counts is that mapping.timesheet_old then shows the old row again, cell by cell.

drop table if exists replication.proposed;
drop view if exists mapping.timesheet_new_from_old;
drop table if exists replication.incoming;

-- Empty but within a transaction of the backfill.
create unlogged table replication.incoming as table mapping.timesheet_old with no data;
alter table replication.incoming add primary key (id);

create view mapping.timesheet_new_from_old as
select i.id,
       i.worker_id,
       i.hospital_id,
       i.status,
       c.claimed_start,
       c.claimed_end,
       i.break_minutes as claimed_break_minutes,
       case when i.status <> 'draft' then c.claimed_end end as submitted_at,
       -- The old row keeps the result only; this finds the rate to the cent for a shift of an hour or more.
       r.hourly_rate,
       h.currency,
       i.is_paid,
       coalesce(i.amount_due, 0) as amount_paid,
       array_remove(array[
           case when i.status not in ('draft', 'submitted', 'approved', 'rejected') then 'unknown_status' end,
           case when k.id is null then 'unknown_worker' end,
           case when h.id is null then 'unknown_hospital' end,
           case when num_nulls(i.shift_date, i.start_time, i.end_time, i.break_minutes) between 1 and 3 then 'incomplete_times' end,
           case when i.start_time = i.end_time or i.hours_worked <= 0 or w.seconds <= 0 or i.break_minutes < 0 then 'end_before_start' end,
           case when i.amount_due < 0 then 'negative_amount' end,
           case when r.hourly_rate >= 1000000 then 'amount_due' end,
           case when i.is_paid and i.status <> 'approved' then 'paid_but_not_approved' end,
           case when exists (select from public.timesheet_history t where t.timesheet_id = i.id) then 'changed_in_portal' end
       ], null) as reasons
  from replication.incoming i
  left join public.worker k on k.id = i.worker_id
  left join public.hospital h on h.id = i.hospital_id
 cross join lateral (
       select (i.shift_date + i.start_time) at time zone h.time_zone as claimed_start,
              (i.shift_date + i.end_time + case when i.end_time <= i.start_time then interval '1 day' else interval '0' end)
                  at time zone h.time_zone as claimed_end
       -- Offset 0, here and below: reckoned once a row, not in every place that uses it.
       offset 0) c
 cross join lateral (select extract(epoch from c.claimed_end - c.claimed_start) - 60 * i.break_minutes as seconds offset 0) w
 cross join lateral (select coalesce(round(i.amount_due * 3600 / nullif(w.seconds, 0), 2), 0) as hourly_rate offset 0) r;

comment on view mapping.timesheet_new_from_old is 'What each row of replication.incoming would be in the new tables, and the reasons against taking it over.';

-- What the view says, reckoned once a step: time zones and rates cost more than writing a row down.
create unlogged table replication.proposed as select n.*, null::bigint as timesheet_options_id from mapping.timesheet_new_from_old n with no data;
alter table replication.proposed add primary key (id);

comment on table replication.incoming is 'Old rows that are just being taken over, in the shape of mapping.timesheet_old. Empty between transactions.';
comment on table replication.proposed is 'What mapping.timesheet_new_from_old makes of the incoming rows, and the options each is to have. Empty between transactions.';
do $$
declare
    of_table text;
    name text;
begin
    for of_table, name in
        select attrelid::regclass, attname from pg_attribute
         where attrelid in ('replication.incoming'::regclass, 'replication.proposed'::regclass) and attnum > 0
    loop
        execute format('comment on column %s.%I is %L', of_table, name,
                       case of_table when 'replication.incoming' then 'As in the old table.' else 'As in mapping.timesheet_new_from_old.' end);
    end loop;
end $$;
comment on column replication.proposed.timesheet_options_id is 'The options of its hospital, rate and currency; null where there are reasons against the row.';

create or replace function mapping.decided_row(old_row jsonb, decision text, edited jsonb) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp
return old_row || coalesce(edited, '{}')
       || case when decision = 'take_flag' then jsonb_build_object('status',
              case when (old_row ->> 'is_approved')::boolean then 'approved'
                   -- Not approved says no more than that somebody has still to decide.
                   else replace(old_row ->> 'status', 'approved', 'submitted') end)
          else '{}' end;

comment on function mapping.decided_row(jsonb, text, jsonb) is 'The old row as an admin''s decision puts it right.';
revoke execute on function mapping.decided_row(jsonb, text, jsonb) from public;
