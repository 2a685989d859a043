-- Rows to compare, unseen by any trigger; hours as those of their shift.
set session_replication_role = replica;
insert into timesheet_new (id, worker_id, status, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes)
select 1000000 + n, 1 + n % 1000, case n % 3 when 0 then 'draft' when 1 then 'submitted' else 'approved' end,
       o.id, o.planned_start, o.planned_end, o.planned_break_minutes
  from generate_series(0, {rows} - 1) n
  join timesheet_options o on o.id = 101 + n / 1000 % 1000;
reset session_replication_role;
