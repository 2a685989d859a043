-- Every transaction that changes anything locked the same row of replication.mapping to satisfy this reference. What is
-- queued is named by the triggers of install(), which come from that table anyway.

alter table replication.outbox drop constraint outbox_mapping_fkey;
