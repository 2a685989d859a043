-- The portal compares the two databases over a connection of its own and asks here who else has written a row.

grant usage on schema portal_replication to portal_app;
