-- The plan of the migration: its steps, how long things must have been quiet, and who still reads the old database.

alter table replication.audit add column if not exists subject text, add column if not exists reason text;

alter table replication.control add column retired_at timestamptz;
comment on column replication.control.retired_at is 'When the old database was retired: nothing is written to it any more, and nothing is left that could.';

alter table replication.backfill add column finished_round_began_at timestamptz;
comment on column replication.backfill.finished_round_began_at is 'When the last whole round began: it has seen all that was written before.';

create table replication.plan_step (
    step      text primary key check (step in ('prepare', 'backfill', 'move_writers', 'move_readers', 'freeze', 'retire')),
    position  integer not null unique,
    taken_at  timestamptz,
    taken_by  text,
    why       text,
    figures   jsonb
);

comment on table replication.plan_step is 'The steps of the migration. They are taken in their order and undone in the other one.';
comment on column replication.plan_step.step is 'Which step.';
comment on column replication.plan_step.position is 'Its place.';
comment on column replication.plan_step.taken_at is 'When it was taken; null while it is not.';
comment on column replication.plan_step.taken_by is 'Who took it.';
comment on column replication.plan_step.why is 'Why, if not all of its conditions held.';
comment on column replication.plan_step.figures is 'Its conditions at that moment: [{"condition", "figure", "holds"}].';

insert into replication.plan_step (step, position)
values ('prepare', 1), ('backfill', 2), ('move_writers', 3), ('move_readers', 4), ('freeze', 5), ('retire', 6);

create table replication.plan_setting (
    name   text primary key,
    value  interval not null check (value >= interval '0')
);

comment on table replication.plan_setting is 'How long something must have been so before a step may be taken. Changed by set_plan_setting().';
comment on column replication.plan_setting.name is
    'writers_quiet: nobody else has written the old database. in_step: no difference was found. readers_quiet: nobody was seen reading it. frozen: it was frozen, and nobody was refused.';
comment on column replication.plan_setting.value is 'How long.';

insert into replication.plan_setting (name, value)
values ('writers_quiet', '1 hour'), ('in_step', '24 hours'), ('readers_quiet', '7 days'), ('frozen', '7 days');

create table replication.reader (
    application  text not null,
    role         text not null,
    address      text not null,
    first_seen   timestamptz not null default now(),
    last_seen    timestamptz not null default now(),
    times_seen   bigint not null default 1,
    moved_on_at  timestamptz,
    moved_on_by  text,
    note         text,
    primary key (application, role, address)
);

comment on table replication.reader is 'Who was seen connected to the old database besides the portal and the replication.';
comment on column replication.reader.application is 'What the program calls itself; empty if it does not.';
comment on column replication.reader.role is 'Who was logged in.';
comment on column replication.reader.address is 'Where from.';
comment on column replication.reader.first_seen is 'When it was seen first.';
comment on column replication.reader.last_seen is 'When it was seen last; after moved_on_at: it came back.';
comment on column replication.reader.times_seen is 'In how many samples, one about every half minute.';
comment on column replication.reader.moved_on_at is 'When it moved to the new service, as an admin said; null while it has not.';
comment on column replication.reader.moved_on_by is 'Who said so.';
comment on column replication.reader.note is 'What is known of it.';

create table replication.old_scan (
    table_name  text not null,
    hour        timestamptz not null,
    scans       bigint not null default 0,
    rows_read   bigint not null default 0,
    primary key (table_name, hour)
);

comment on table replication.old_scan is 'How much the old tables were read, by whoever, the replication included. Kept for 90 days.';
comment on column replication.old_scan.table_name is 'Which table.';
comment on column replication.old_scan.hour is 'In the hour that begins then.';
comment on column replication.old_scan.scans is 'How often it or one of its indexes was read.';
comment on column replication.old_scan.rows_read is 'Rows that came of it.';

create table replication.plan_watch (
    only_row       boolean primary key default true check (only_row),
    claimed_at     timestamptz,
    sampled_at     timestamptz,
    watched_since  timestamptz,
    in_step_since  timestamptz,
    scans          jsonb not null default '[]',
    refused        bigint,
    refused_at     timestamptz
);

comment on table replication.plan_watch is 'What the portal''s look at the old database, about every half minute, has found. One row.';
comment on column replication.plan_watch.only_row is 'Keeps it at one row.';
comment on column replication.plan_watch.claimed_at is 'When a portal last began to look; the others leave it to that one.';
comment on column replication.plan_watch.sampled_at is 'When it was last looked at.';
comment on column replication.plan_watch.watched_since is 'Since when it is looked at without a gap of more than five minutes: only so far back "nobody was seen" means anything.';
comment on column replication.plan_watch.in_step_since is 'Since when nothing was the matter with the replication at any look; null while something is.';
comment on column replication.plan_watch.scans is 'The counters of the old tables at the last look, to tell differences by.';
comment on column replication.plan_watch.refused is 'How many writes the guard had refused by then.';
comment on column replication.plan_watch.refused_at is 'When that number last rose.';

insert into replication.plan_watch default values;

grant select on replication.plan_step, replication.plan_setting, replication.reader, replication.old_scan, replication.plan_watch to portal_app;
