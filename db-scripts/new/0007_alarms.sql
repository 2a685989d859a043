-- What is kept to watch over the replication: who did what, what should be installed, how the old tables look,
-- alarms and their delivery, and figures over time. The views and functions are in replication/.

alter table replication.audit add column if not exists subject text, add column if not exists reason text;

comment on column replication.audit.subject is 'What it was done to, where the action does not say it.';
comment on column replication.audit.reason is 'Why, in the words of who did it.';

create function replication.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using errcode = 'insufficient_privilege', message = format('%I.%I keeps what was done; it is only added to', tg_table_schema, tg_table_name);
end $$;

comment on function replication.refuse_change() is 'Trigger function: lets nobody change or delete what is there, not even the owner.';
revoke execute on function replication.refuse_change() from public;

create trigger append_only before update or delete or truncate on replication.audit
    for each statement execute function replication.refuse_change();
alter table replication.audit enable always trigger append_only;

create index audit_account_idx on replication.audit (account, id);
create index audit_action_idx on replication.audit (action, id);

create table replication.installed_trigger (
    table_name           text not null,
    trigger_name         name not null,
    definition           text not null,
    enabled              text not null,
    function_name        text not null,
    function_definition  text not null,
    function_comment     text,
    recorded_at          timestamptz not null default clock_timestamp(),
    primary key (table_name, trigger_name)
);

comment on table replication.installed_trigger is 'The triggers as the scripts have made them, to tell later changes by and to make them anew from.';
comment on column replication.installed_trigger.table_name is 'Its table, schema-qualified.';
comment on column replication.installed_trigger.trigger_name is 'Its name.';
comment on column replication.installed_trigger.definition is 'The statement that creates it, as pg_get_triggerdef() has it.';
comment on column replication.installed_trigger.enabled is 'When it fires, as pg_trigger.tgenabled has it.';
comment on column replication.installed_trigger.function_name is 'Its function, with its schema and arguments.';
comment on column replication.installed_trigger.function_definition is 'The statement that creates its function, as pg_get_functiondef() has it.';
comment on column replication.installed_trigger.function_comment is 'What the function says of itself.';
comment on column replication.installed_trigger.recorded_at is 'When a script made it.';

create table replication.old_catalogue (
    only_row  boolean primary key default true check (only_row),
    seen_at   timestamptz not null,
    tables    jsonb not null
);

comment on table replication.old_catalogue is 'The old tables as their own database describes them, each time the portal looks. One row.';
comment on column replication.old_catalogue.only_row is 'Keeps it at one row.';
comment on column replication.old_catalogue.seen_at is 'When it was looked at last.';
comment on column replication.old_catalogue.tables is '[{"table": "schema.name", "columns": [{"name", "type", "not_null", "has_default"}]}], columns in their order; an empty list when the table is not there.';

create table replication.left_out_column (
    foreign_table  text not null,
    column_name    name not null,
    account        text not null,
    reason         text not null,
    since          timestamptz not null default clock_timestamp(),
    primary key (foreign_table, column_name)
);

comment on table replication.left_out_column is 'Columns of old tables that are left out of the imported picture on purpose.';
comment on column replication.left_out_column.foreign_table is 'The imported table, schema-qualified.';
comment on column replication.left_out_column.column_name is 'The column in the old table.';
comment on column replication.left_out_column.account is 'Who decided it.';
comment on column replication.left_out_column.reason is 'Why.';
comment on column replication.left_out_column.since is 'When.';

create table replication.reported_cause (
    cause        text not null,
    subject      text not null default '',
    text         text not null,
    reported_at  timestamptz not null default clock_timestamp(),
    primary key (cause, subject)
);

comment on table replication.reported_cause is 'Causes of alarms that were found by something else than a look at the tables: one row as long as the cause stands.';
comment on column replication.reported_cause.cause is 'drift, old_written and so on.';
comment on column replication.reported_cause.subject is 'What it is about, where there can be several.';
comment on column replication.reported_cause.text is 'What was found, for a person to read.';
comment on column replication.reported_cause.reported_at is 'When it was reported last.';

create table replication.alarm (
    id            bigint generated always as identity primary key,
    cause         text not null,
    subject       text not null default '',
    text          text not null,
    opened_at     timestamptz not null default clock_timestamp(),
    last_seen_at  timestamptz not null default clock_timestamp(),
    resolved_at   timestamptz
);

comment on table replication.alarm is 'What was or is the matter: one row from when a cause is first seen until it has ended.';
comment on column replication.alarm.id is 'Number of the alarm.';
comment on column replication.alarm.cause is 'drift, breaker, outbox, set_aside, trigger, schema or old_written.';
comment on column replication.alarm.subject is 'What it is about, where there can be several of a cause.';
comment on column replication.alarm.text is 'What is the matter, as it was seen last.';
comment on column replication.alarm.opened_at is 'When it was first seen.';
comment on column replication.alarm.last_seen_at is 'When it was last seen.';
comment on column replication.alarm.resolved_at is 'When it was found to have ended; null while it lasts.';

create unique index alarm_open_idx on replication.alarm (cause, subject) where resolved_at is null;
create index alarm_opened_at_idx on replication.alarm (opened_at desc, id desc);

create table replication.alarm_delivery (
    alarm_id         bigint not null references replication.alarm on delete cascade,
    event            text not null check (event in ('opened', 'resolved')),
    channel          text not null check (channel in ('email', 'webhook')),
    attempts         integer not null default 0,
    next_attempt_at  timestamptz not null default clock_timestamp(),
    delivered_at     timestamptz,
    error            text,
    primary key (alarm_id, event, channel)
);

comment on table replication.alarm_delivery is 'What has to be told outside the portal, and whether it was.';
comment on column replication.alarm_delivery.alarm_id is 'About which alarm.';
comment on column replication.alarm_delivery.event is 'That it was opened, or resolved.';
comment on column replication.alarm_delivery.channel is 'How.';
comment on column replication.alarm_delivery.attempts is 'How often it was tried.';
comment on column replication.alarm_delivery.next_attempt_at is 'When it is tried next, ever more rarely.';
comment on column replication.alarm_delivery.delivered_at is 'When it was taken; null until then.';
comment on column replication.alarm_delivery.error is 'Why the last attempt failed.';

create index alarm_delivery_pending_idx on replication.alarm_delivery (next_attempt_at) where delivered_at is null;

create table replication.sample (
    span_seconds     integer not null,
    at               timestamptz not null,
    samples          integer not null default 1,
    outbox_keys      bigint not null,
    outbox_seconds   double precision not null,
    set_aside        bigint not null,
    breaker_open     boolean not null,
    differences      bigint not null,
    latency_ms       double precision,
    changes          double precision,
    deliveries       double precision,
    primary key (span_seconds, at)
);

comment on table replication.sample is 'Figures over time, finer for the last hour than for the last weeks.';
comment on column replication.sample.span_seconds is 'How much time the row stands for.';
comment on column replication.sample.at is 'When that time begins.';
comment on column replication.sample.samples is 'How many looks it is made of.';
comment on column replication.sample.outbox_keys is 'Keys that waited, at most.';
comment on column replication.sample.outbox_seconds is 'How long the oldest had waited, at most.';
comment on column replication.sample.set_aside is 'Rows that the old table refused, at most.';
comment on column replication.sample.breaker_open is 'Whether the old database was known to be out of reach at any look.';
comment on column replication.sample.differences is 'Rows that differed in the last whole round of the continuous check, at most.';
comment on column replication.sample.latency_ms is 'Time for one read of the old database, on average; null when it did not answer.';
comment on column replication.sample.changes is 'Rows of the mappings'' source tables written each second, on average; null when that was not known.';
comment on column replication.sample.deliveries is 'Entries of the outbox that were delivered each second, on average; null when that was not known.';

create table replication.sample_counter (
    only_row    boolean primary key default true check (only_row),
    at          timestamptz not null,
    changes     bigint not null,
    deliveries  bigint not null
);

comment on table replication.sample_counter is 'Where PostgreSQL''s counters stood at the last look, to tell rates by. One row.';
comment on column replication.sample_counter.only_row is 'Keeps it at one row.';
comment on column replication.sample_counter.at is 'When that was.';
comment on column replication.sample_counter.changes is 'Rows of source tables written since the statistics were reset.';
comment on column replication.sample_counter.deliveries is 'Entries of the outbox taken out since then.';

grant select on replication.installed_trigger, replication.old_catalogue, replication.left_out_column, replication.reported_cause,
    replication.alarm, replication.alarm_delivery, replication.sample, replication.sample_counter to portal_app;
