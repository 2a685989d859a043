\set worker random(1, 1000)
\set options random(6, 20)
insert into timesheet_new (worker_id, status, timesheet_options_id) values (:worker, 'approved', :options);
