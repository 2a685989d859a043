\set id random(21, 20000)
update timesheet_new set status = case status when 'draft' then 'submitted' else 'draft' end where id = :id;
