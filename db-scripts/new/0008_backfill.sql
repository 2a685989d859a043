-- The way in: old rows become new ones, as long as the old database is the one that is written.

alter table replication.control
    add column authority text not null default 'new' check (authority in ('old', 'new'));

comment on column replication.control.authority is
    'Which side is right where they differ. old: the old system still writes, rows are taken over from there and nothing is written to it. new: the portal writes, and the old database follows.';

create table replication.backfill (
    mapping           text primary key references replication.mapping on delete cascade,
    state             text not null default 'stopped' check (state in ('stopped', 'running')),
    share             numeric not null default 1 check (share > 0 and share <= 1),
    next_key          bigint,
    round             integer not null default 1,
    round_started_at  timestamptz,
    rows_read         bigint not null default 0,
    rows_written      bigint not null default 0,
    rows_removed      bigint not null default 0,
    seconds           double precision not null default 0,
    rows_to_read      bigint not null default 0,
    changed           bigint not null default 0,
    changed_last      bigint,
    finished_at       timestamptz,
    error             text
);

comment on table replication.backfill is 'How far the taking over of old rows has come.';
comment on column replication.backfill.mapping is 'Which old table.';
comment on column replication.backfill.state is 'running: a portal works on it; stopped: it goes on from where it was when it is started again.';
comment on column replication.backfill.share is 'The share of the time it may work, to spare the servers: 1 without a pause, 0.25 a quarter.';
comment on column replication.backfill.next_key is 'The round goes on after this key; null when none is under way.';
comment on column replication.backfill.round is 'The first round takes over everything, each later one what the old system has changed since.';
comment on column replication.backfill.round_started_at is 'When the round began.';
comment on column replication.backfill.rows_read is 'Old rows read in this round.';
comment on column replication.backfill.rows_written is 'New rows written in this round.';
comment on column replication.backfill.rows_removed is 'New rows removed in this round because the old ones are gone.';
comment on column replication.backfill.seconds is 'Time worked in this round, pauses left out.';
comment on column replication.backfill.rows_to_read is 'Old rows there were when the round began.';
comment on column replication.backfill.changed is 'Rows written, removed or quarantined in this round.';
comment on column replication.backfill.changed_last is 'Rows written, removed or quarantined in the last whole round; 0: the new side has caught up.';
comment on column replication.backfill.finished_at is 'When the last whole round ended.';
comment on column replication.backfill.error is 'Why the last step failed; it is tried again.';

create table replication.quarantine (
    mapping     text not null references replication.mapping on delete cascade,
    key         bigint not null,
    reasons     text[] not null check (cardinality(reasons) > 0),
    detail      text,
    old_row     jsonb not null,
    state       text not null default 'open' check (state in ('open', 'decided', 'skipped', 'taken')),
    decision    text check (decision in ('take_status', 'take_flag', 'accept', 'edit', 'skip')),
    edited      jsonb,
    decided_by  text,
    decided_at  timestamptz,
    found_at    timestamptz not null default now(),
    primary key (mapping, key)
);

comment on table replication.quarantine is 'Old rows that could not be taken over as they are, whole, with the reason and what an admin decided.';
comment on column replication.quarantine.mapping is 'Which old table.';
comment on column replication.quarantine.key is 'The row''s key.';
comment on column replication.quarantine.reasons is 'What is wrong with it, in the words of mapping.timesheet_new_from_old.';
comment on column replication.quarantine.detail is 'What the new database said to it.';
comment on column replication.quarantine.old_row is 'The old row as it was read. When it changes there, the row is looked at anew.';
comment on column replication.quarantine.state is 'open: nobody has decided. decided: waits for the next run. skipped: not taken over. taken: taken over as decided.';
comment on column replication.quarantine.decision is 'take_status, take_flag: which of two contradicting columns is right. accept: what the new database makes of it is right. edit: as edited. skip: leave it out.';
comment on column replication.quarantine.edited is 'The columns as an admin has put them right.';
comment on column replication.quarantine.decided_by is 'Who decided.';
comment on column replication.quarantine.decided_at is 'When.';
comment on column replication.quarantine.found_at is 'When it was put here.';

create index quarantine_state_idx on replication.quarantine (mapping, state, key);

grant select on replication.backfill, replication.quarantine to portal_app;
