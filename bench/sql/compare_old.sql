-- The old table of nine plain columns.
create table if not exists plain_old (
    id                     bigint primary key,
    worker_id              bigint,
    hospital_id            bigint,
    status                 text,
    is_approved            boolean,
    claimed_start          timestamptz,
    claimed_end            timestamptz,
    claimed_break_minutes  integer,
    timesheet_options_id   bigint
);
truncate plain_old;
alter table plain_old owner to portal_owner;
grant select on plain_old to portal_app;
grant select, insert, update, delete on plain_old to portal_replicator;
