-- Rows to compare, unseen by any trigger; hours as those of their shift.
set session_replication_role = replica;
insert into timesheet_new (id, worker_id, status, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes)
select 1000000 + n, 1 + n % 1000, case n % 3 when 0 then 'draft' when 1 then 'submitted' else 'approved' end,
       o.id, o.planned_start, o.planned_end, o.planned_break_minutes
  from generate_series(0, {rows} - 1) n
  join timesheet_options o on o.id = 101 + n / 1000 % 1000;
reset session_replication_role;

-- Beside the portal's own mapping of 14 columns, many of them reckoned, one of nine plain ones.
create or replace view mapping.plain_old as
select t.id, t.worker_id, o.hospital_id, t.status, t.status = 'approved' as is_approved,
       t.claimed_start, t.claimed_end, t.claimed_break_minutes, t.timesheet_options_id
  from public.timesheet_new t
  join public.timesheet_options o on o.id = t.timesheet_options_id;
grant select on mapping.plain_old to portal_app;
drop foreign table if exists timesheet_old_schema.plain_old;
import foreign schema public limit to (plain_old) from server timesheet_old_server into timesheet_old_schema;
grant select on timesheet_old_schema.plain_old to portal_app;
alter view mapping.plain_old owner to portal_owner;
alter foreign table timesheet_old_schema.plain_old owner to portal_owner;
insert into replication.mapping (name, view_name, old_table, foreign_table, sources)
values ('plain_old', 'mapping.plain_old', 'public.plain_old', 'timesheet_old_schema.plain_old', '{"public.timesheet_new": {"key": "id"}}')
on conflict do nothing;
