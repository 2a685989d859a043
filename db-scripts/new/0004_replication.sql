-- What the replication keeps. Its views, functions and triggers are in replication/, re-applied when they change.

create schema mapping;
comment on schema mapping is 'What each old table looks like, as a view of the new tables. Nothing else says it.';

create schema replication;
comment on schema replication is 'Keeps the old database true to the mapping.';

create schema timesheet_old_schema;
comment on schema timesheet_old_schema is 'The old tables, imported from timesheet_old_server.';

create table replication.outbox (
    transaction_id  xid8 not null default pg_current_xact_id(),
    key             bigint not null
);

comment on table replication.outbox is 'Timesheets that a transaction changed and has not yet written to the old database. Empty between transactions.';
comment on column replication.outbox.transaction_id is 'The transaction that changed it.';
comment on column replication.outbox.key is 'The timesheet''s number.';

create index outbox_transaction_idx on replication.outbox (transaction_id);

grant usage on schema mapping, replication, timesheet_old_schema to portal_app;
grant select on replication.outbox to portal_app;
