-- How soon a change shows in the old database, and how many rows are written there: also what is written at commit, which the outbox never sees.

alter table replication.sample add column visible_ms double precision;
alter table replication.sample_counter alter column deliveries drop not null;

comment on column replication.sample.visible_ms is 'Time from the commit of a change until it is visible in the old database, on average; null when that was not known.';
comment on column replication.sample.deliveries is 'Rows of old tables written each second, on average; null when that was not known.';
comment on column replication.sample_counter.deliveries is 'Rows of old tables written since the statistics of the old server were reset; null when it did not answer.';

-- Until now these were entries of the outbox.
update replication.sample set deliveries = null;
delete from replication.sample_counter;
