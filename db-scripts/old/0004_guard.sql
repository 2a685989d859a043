-- Who writes the old tables besides the replication. The triggers that note it are in replication/40_guard.sql.

create table portal_replication.guard (
    only_row    boolean primary key default true check (only_row),
    mode        text not null default 'record' check (mode in ('record', 'refuse')),
    changed_at  timestamptz not null default now(),
    changed_by  text
);

comment on table portal_replication.guard is 'What becomes of writes that are not the replication''s. One row; changed by set_guard().';
comment on column portal_replication.guard.only_row is 'Keeps it at one row.';
comment on column portal_replication.guard.mode is 'record: they are noted. refuse: they fail.';
comment on column portal_replication.guard.changed_at is 'Since when.';
comment on column portal_replication.guard.changed_by is 'Who said so.';

insert into portal_replication.guard default values;

create table portal_replication.guarded_table (
    table_name  text primary key,
    key_column  name not null,
    since       timestamptz not null default now()
);

comment on table portal_replication.guarded_table is 'The tables that are watched. Made by guard_table().';
comment on column portal_replication.guarded_table.table_name is 'The table, schema-qualified.';
comment on column portal_replication.guarded_table.key_column is 'Its key, a bigint.';
comment on column portal_replication.guarded_table.since is 'Since when; of earlier writes nothing is known.';

-- One row a statement, and only added: a count to be raised would let all writers wait for one another.
-- Its xmin is that of the rows that the statement wrote, which is how these are told from rows of the replication.
create table portal_replication.other_write (
    id           bigint generated always as identity primary key,
    at           timestamptz not null default clock_timestamp(),
    table_name   text not null,
    operation    text not null check (operation in ('insert', 'update', 'delete', 'truncate')),
    rows         bigint not null,
    gone         bigint[],
    application  text not null,
    role         text not null,
    address      text not null
);

comment on table portal_replication.other_write is 'The latest statements by which somebody else than the replication wrote an old table; at most 100,000 are kept.';
comment on column portal_replication.other_write.id is 'Rises in the order of writing.';
comment on column portal_replication.other_write.at is 'When.';
comment on column portal_replication.other_write.table_name is 'Which table, schema-qualified.';
comment on column portal_replication.other_write.operation is 'insert, update, delete or truncate.';
comment on column portal_replication.other_write.rows is 'How many rows; of a truncate as many as PostgreSQL took the table to have.';
comment on column portal_replication.other_write.gone is 'Keys of rows it deleted, the first 10,000.';
comment on column portal_replication.other_write.application is 'What the program calls itself; empty if it does not.';
comment on column portal_replication.other_write.role is 'Who was logged in.';
comment on column portal_replication.other_write.address is 'Where from; "local" for a socket of the same machine.';

create table portal_replication.other_writer_before (
    application  text not null,
    role         text not null,
    address      text not null,
    table_name   text not null,
    operation    text not null,
    statements   bigint not null,
    rows         bigint not null,
    first_at     timestamptz not null,
    last_at      timestamptz not null,
    primary key (application, role, address, table_name, operation)
);

comment on table portal_replication.other_writer_before is 'The sum of what is no longer in other_write.';
comment on column portal_replication.other_writer_before.application is 'What the program calls itself.';
comment on column portal_replication.other_writer_before.role is 'Who was logged in.';
comment on column portal_replication.other_writer_before.address is 'Where from.';
comment on column portal_replication.other_writer_before.table_name is 'Which table.';
comment on column portal_replication.other_writer_before.operation is 'insert, update, delete or truncate.';
comment on column portal_replication.other_writer_before.statements is 'How many statements.';
comment on column portal_replication.other_writer_before.rows is 'How many rows these wrote.';
comment on column portal_replication.other_writer_before.first_at is 'When it was first seen.';
comment on column portal_replication.other_writer_before.last_at is 'When it was last seen.';

-- A sequence does not go back with the transaction that a refusal ends.
create sequence portal_replication.refused_writes;
comment on sequence portal_replication.refused_writes is 'Counts the statements that were refused. Who sent them is in the server''s log.';

grant usage on schema portal_replication to portal_app;
grant select on all tables in schema portal_replication to portal_app;
grant select on portal_replication.refused_writes to portal_app;
