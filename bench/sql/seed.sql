-- What is there before anything is measured. Rows that a measurement adds have an id of 1,000,000 and above.

alter table timesheet_new alter id restart 1000000;

insert into hospital (id, name) select n, 'Hospital ' || n from generate_series(1, 20) n;
insert into worker (id, name) select n, 'Worker ' || n from generate_series(1, 1000) n;

-- 1 to 5: shown by the 20 hot timesheets. 6 to 20: by all others. None of these has hours.
insert into timesheet_options (id, hospital_id) select n, n from generate_series(1, 20) n;

-- 101 to 1100: a thousand shifts, none overlapping another, so that each worker can claim the hours of every one.
insert into timesheet_options (id, hospital_id, planned_start, planned_end, planned_break_minutes, hourly_rate)
select 100 + n, 1 + n % 20, timestamptz '2024-01-01 08:00+00' + n * interval '1 day',
       timestamptz '2024-01-01 16:30+00' + n * interval '1 day', 30, 21.50
  from generate_series(1, 1000) n;

insert into timesheet_new (id, worker_id, status, timesheet_options_id)
select n, 1 + n % 1000, 'draft', case when n <= 20 then 1 + n % 5 else 6 + n % 15 end from generate_series(1, 20000) n;
