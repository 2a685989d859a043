\set options random(1, 5)
\set hospital random(1, 20)
update timesheet_options set hospital_id = :hospital where id = :options;
