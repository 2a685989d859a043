-- What was taken over, once more, into tables that demand the same and do nothing beyond.
create table timesheet_floor (like timesheet_new including all);
alter table timesheet_floor
    add foreign key (worker_id) references worker,
    add foreign key (timesheet_options_id) references timesheet_options;
create table payment_floor (like payment including all);
alter table payment_floor add foreign key (timesheet_id, status) references timesheet_floor (id, status);

insert into timesheet_floor select * from timesheet_new order by id;
insert into payment_floor select * from payment order by timesheet_id;

drop table payment_floor, timesheet_floor;
