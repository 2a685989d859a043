-- Who is known on both sides before old timesheets are taken over, and a plain table for what comes through the wrapper.
insert into hospital (id, name, time_zone, currency)
select n, 'Hospital ' || n, case when n % 4 = 0 then 'Europe/Malta' else 'Europe/London' end, case when n % 4 = 0 then 'EUR' else 'GBP' end
  from generate_series(1, 20) n;
insert into worker (id, name) select n, 'Worker ' || n from generate_series(1, 1000) n;
create table plain as table timesheet_old_schema.timesheet_old with no data;
-- The old database is full now, this one empty: so it is the old one that is right.
select replication.choose_authority();
