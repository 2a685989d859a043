-- Where the replication delivers. What it does there is in replication/, re-applied when it changes.

create schema portal_replication;
comment on schema portal_replication is 'The receiving end of the replication from timesheet_new.';

grant usage on schema portal_replication to portal_replicator;
