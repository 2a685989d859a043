-- Asked at every commit, so said once and in one word.

alter table replication.control
    add column at_commit boolean not null generated always as (mode = 'synchronous' and breaker = 'closed' and authority = 'new') stored;

comment on column replication.control.at_commit is 'Whether changes are written to the old database at their commit; otherwise through the outbox.';
