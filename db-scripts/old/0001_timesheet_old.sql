-- The legacy table. One wide row holds everything a reader of it ever wanted:
-- names beside ids, wall-clock times without a zone, and results (hours, money) beside what they follow from.

create table timesheet_old (
    id             bigint primary key,
    worker_id      bigint not null,
    hospital_id    bigint not null,
    status         text not null,
    is_approved    boolean not null,
    worker_name    text,
    hospital_name  text,
    shift_date     date,
    start_time     time,
    end_time       time,
    break_minutes  integer,
    hours_worked   numeric(7, 2),
    amount_due     numeric(12, 2),
    is_paid        boolean not null default false
);

comment on table timesheet_old is 'Legacy timesheets, one denormalised row each. Written by the replication from timesheet_new; read by what has not moved yet.';
comment on column timesheet_old.id is 'The timesheet''s number, the same as timesheet_new.id.';
comment on column timesheet_old.worker_id is 'The worker''s number.';
comment on column timesheet_old.hospital_id is 'The hospital''s number; in the new schema it is on timesheet_options.';
comment on column timesheet_old.status is 'draft, submitted, approved or rejected.';
comment on column timesheet_old.is_approved is 'True when, and only when, status is approved; kept because old readers ask for it.';
comment on column timesheet_old.worker_name is 'Copy of the worker''s name.';
comment on column timesheet_old.hospital_name is 'Copy of the hospital''s name.';
comment on column timesheet_old.shift_date is 'The day the shift began, by the hospital''s clock.';
comment on column timesheet_old.start_time is 'Start of work by the hospital''s clock.';
comment on column timesheet_old.end_time is 'End of work by the hospital''s clock; not after start_time means the next day.';
comment on column timesheet_old.break_minutes is 'Unpaid break in minutes.';
comment on column timesheet_old.hours_worked is 'Hours worked, break taken off, two decimals.';
comment on column timesheet_old.amount_due is 'Money due for the hours, in the hospital''s currency.';
comment on column timesheet_old.is_paid is 'True once the worker has been paid.';

create index timesheet_old_worker_idx on timesheet_old (worker_id);
create index timesheet_old_hospital_idx on timesheet_old (hospital_id);

grant usage on schema public to portal_app, portal_replicator;
grant select on timesheet_old to portal_app;
grant select, insert, update, delete on timesheet_old to portal_replicator;
