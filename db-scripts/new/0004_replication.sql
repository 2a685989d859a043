-- What the replication keeps. Its views, functions and triggers are in replication/, re-applied when they change.

create schema mapping;
comment on schema mapping is 'What each old table looks like, as a view of the new tables. Nothing else says it.';

create schema replication;
comment on schema replication is 'Keeps the old database true to the mapping.';

create schema timesheet_old_schema;
comment on schema timesheet_old_schema is 'The old tables, imported from timesheet_old_server.';

create table replication.mapping (
    name           text primary key check (name ~ '^[a-z][a-z0-9_]*$' and length(name) <= 30),
    view_name      text not null,
    old_table      text not null,
    foreign_table  text not null,
    key_column     name not null default 'id',
    sources        jsonb not null
);

comment on table replication.mapping is 'The old tables that are kept true, one row each. After a change: select replication.install(name).';
comment on column replication.mapping.name is 'Short name, part of the names of what install() makes.';
comment on column replication.mapping.view_name is 'The view that shows the old rows as they should be, schema-qualified.';
comment on column replication.mapping.old_table is 'The table in the old database, schema-qualified.';
comment on column replication.mapping.foreign_table is 'The same table as it was imported here, schema-qualified; read by comparison and verification.';
comment on column replication.mapping.key_column is 'The key of both, a bigint.';
comment on column replication.mapping.sources is
    'Every table the view reads. {"table": {"key": column}}: its rows belong to one old row each, whose key is in that column. {"table": {"primary_key": column, "rows": query}}: its rows are shared; the query returns (key, source_key) for every old row that shows one.';

create table replication.outbox (
    id              bigint generated always as identity primary key,
    mapping         text not null references replication.mapping on delete cascade,
    source          text,
    keys            bigint[] not null,
    transaction_id  xid8 not null default pg_current_xact_id(),
    queued_at       timestamptz not null default clock_timestamp()
);

comment on table replication.outbox is 'Keys of what has changed and is not yet written to the old database. A transaction''s own are gone again at its commit if they could be written.';
comment on column replication.outbox.id is 'Rises in the order of queueing.';
comment on column replication.outbox.mapping is 'Which old table.';
comment on column replication.outbox.source is 'Null: keys are keys of old rows. Otherwise the shared source table whose rows'' primary keys they are; every old row that shows one of them is to be written.';
comment on column replication.outbox.keys is 'What changed; at most 10,000 each row.';
comment on column replication.outbox.transaction_id is 'The transaction that changed it.';
comment on column replication.outbox.queued_at is 'When.';

create index outbox_transaction_idx on replication.outbox (transaction_id);

create table replication.set_aside (
    mapping          text not null references replication.mapping on delete cascade,
    key              bigint not null,
    code             text not null,
    message          text not null,
    attempts         integer not null default 1,
    first_failed_at  timestamptz not null default now(),
    next_attempt_at  timestamptz not null,
    primary key (mapping, key)
);

comment on table replication.set_aside is 'Rows that the old table does not accept. They hold back no other row and are tried again, ever more rarely.';
comment on column replication.set_aside.mapping is 'Which old table.';
comment on column replication.set_aside.key is 'The row''s key.';
comment on column replication.set_aside.code is 'SQLSTATE of the refusal.';
comment on column replication.set_aside.message is 'The old database''s own words.';
comment on column replication.set_aside.attempts is 'How often it was tried.';
comment on column replication.set_aside.first_failed_at is 'When it was first refused.';
comment on column replication.set_aside.next_attempt_at is 'When it is tried again.';

create index set_aside_next_attempt_idx on replication.set_aside (next_attempt_at);

create table replication.control (
    only_row       boolean primary key default true check (only_row),
    mode           text not null default 'synchronous' check (mode in ('synchronous', 'queued', 'paused')),
    breaker        text not null default 'closed' check (breaker in ('closed', 'open')),
    breaker_since  timestamptz not null default now(),
    error_code     text,
    error_message  text,
    error_at       timestamptz
) with (fillfactor = 50);

comment on table replication.control is 'How the replication runs at this moment. One row. The mode is changed by set_mode().';
comment on column replication.control.only_row is 'Keeps it at one row.';
comment on column replication.control.mode is 'synchronous: written at commit, or queued when that cannot be. queued: always through the outbox. paused: queued, and the outbox is not emptied.';
comment on column replication.control.breaker is 'open: the old database is known to be out of reach, nobody waits for it.';
comment on column replication.control.breaker_since is 'Since when the breaker is as it is.';
comment on column replication.control.error_code is 'SQLSTATE of the last failure to write.';
comment on column replication.control.error_message is 'Its message.';
comment on column replication.control.error_at is 'When it was.';

insert into replication.control default values;

create table replication.verification (
    mapping      text primary key references replication.mapping on delete cascade,
    next_key     bigint,
    started_at   timestamptz,
    finished_at  timestamptz,
    found        bigint not null default 0,
    found_last   bigint
);

comment on table replication.verification is 'How far the continuous check of old against new has come.';
comment on column replication.verification.mapping is 'Which old table.';
comment on column replication.verification.next_key is 'The round goes on after this key; null when none is under way.';
comment on column replication.verification.started_at is 'When the round began.';
comment on column replication.verification.finished_at is 'When the last whole round ended.';
comment on column replication.verification.found is 'Differences found in the round under way.';
comment on column replication.verification.found_last is 'Differences found, and queued to be mended, in the last whole round.';

create table replication.audit (
    id       bigint generated always as identity primary key,
    at       timestamptz not null default clock_timestamp(),
    account  text not null,
    action   text not null,
    before   jsonb,
    after    jsonb
);

comment on table replication.audit is 'What was done to the replication, by whom. Rows are added by its functions and never changed.';
comment on column replication.audit.id is 'Number of the entry.';
comment on column replication.audit.at is 'When.';
comment on column replication.audit.account is 'Who: the portal''s account or the command line''s user.';
comment on column replication.audit.action is 'What was done.';
comment on column replication.audit.before is 'How it was.';
comment on column replication.audit.after is 'How it is now.';

grant usage on schema mapping, replication, timesheet_old_schema to portal_app;
grant select on all tables in schema replication to portal_app;
