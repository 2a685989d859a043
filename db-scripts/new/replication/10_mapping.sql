-- What an old row looks like. Triggers, comparison and screens all read this view; nobody says it again.
-- Its columns are those of the old table, in the same order and of the same types.

drop view if exists mapping.timesheet_old;
drop view if exists mapping.timesheet_old_shown;

create view mapping.timesheet_old_shown as
select t.id,
       t.worker_id,
       o.hospital_id,
       t.status,
       t.status = 'approved' as is_approved,
       w.name as worker_name,
       h.name as hospital_name,
       (t.claimed_start at time zone h.time_zone)::date as shift_date,
       (t.claimed_start at time zone h.time_zone)::time as start_time,
       (t.claimed_end at time zone h.time_zone)::time as end_time,
       t.claimed_break_minutes as break_minutes,
       -- The time that really passed: a night with a clock change counts its 23 or 25 hours.
       round(worked.seconds / 3600, 2)::numeric(7, 2) as hours_worked,
       -- From the seconds, not from the rounded hours. Portal.Data's Pay shows the same sum while one types.
       round(worked.seconds * o.hourly_rate / 3600, 2)::numeric(12, 2) as amount_due,
       p.id is not null as is_paid,
       -- Not of the old row: which shared rows it shows.
       t.timesheet_options_id as options,
       t.worker_id as worker,
       o.hospital_id as hospital
  from public.timesheet_new t
  join public.timesheet_options o on o.id = t.timesheet_options_id
  join public.hospital h on h.id = o.hospital_id
  join public.worker w on w.id = t.worker_id
  left join public.payment p on p.timesheet_id = t.id
 cross join lateral (
       select extract(epoch from t.claimed_end - t.claimed_start) - 60 * t.claimed_break_minutes as seconds
       ) worked;

comment on view mapping.timesheet_old_shown is 'Every timesheet as its row in the old database should be, and the options, worker and hospital that it shows.';

create view mapping.timesheet_old as
select id, worker_id, hospital_id, status, is_approved, worker_name, hospital_name, shift_date, start_time, end_time, break_minutes,
       hours_worked, amount_due, is_paid
  from mapping.timesheet_old_shown;

comment on view mapping.timesheet_old is 'Every timesheet as its row in the old database should be.';

grant select on mapping.timesheet_old to portal_app;

insert into replication.mapping (name, view_name, row_view, old_table, foreign_table, key_column, sources, shows)
values ('timesheet_old', 'mapping.timesheet_old', 'mapping.timesheet_old_shown', 'public.timesheet_old', 'timesheet_old_schema.timesheet_old', 'id', $json${
    "public.timesheet_new":     {"key": "id"},
    "public.payment":           {"key": "timesheet_id"},
    "public.timesheet_options": {"primary_key": "id", "shown_as": "options"},
    "public.worker":            {"primary_key": "id", "shown_as": "worker"},
    "public.hospital":          {"primary_key": "id", "shown_as": "hospital"}
}$json$, $sql$select t.id as key, t.timesheet_options_id as options, t.worker_id as worker, o.hospital_id as hospital
  from public.timesheet_new t
  join public.timesheet_options o on o.id = t.timesheet_options_id$sql$)
on conflict (name) do update
   set view_name = excluded.view_name, row_view = excluded.row_view, old_table = excluded.old_table, foreign_table = excluded.foreign_table,
       key_column = excluded.key_column, sources = excluded.sources, shows = excluded.shows;

-- Made from the view's columns, so made anew with them. The first time there is no install() yet; 20_install.sql follows.
do $$
begin
    if to_regprocedure('replication.install(text)') is not null then
        perform replication.install('timesheet_old');
    end if;
end $$;
