-- What makes a transaction flush at its commit: only a row can have a trigger that waits for the commit. None is ever seen by
-- anybody, so none is logged. Triggers on the source tables would do as well, but PostgreSQL does not truncate or alter a table
-- while one of its own waits.
create unlogged table replication.commit_event ();

comment on table replication.commit_event is 'A transaction that changes a source table puts a row here, whose trigger flushes at the commit and deletes the row.';
