-- Takes away what a measurement has added, unseen by any trigger.
set session_replication_role = replica;
delete from timesheet_new where id >= 1000000;
reset session_replication_role;
