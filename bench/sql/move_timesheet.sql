\set id random(1, 20)
\set options random(1, 5)
update timesheet_new set timesheet_options_id = :options where id = :id;
