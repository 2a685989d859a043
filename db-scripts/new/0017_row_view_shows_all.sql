-- A shared row's change is written by one look at this view too, which cannot tell that a row is gone.

comment on column replication.mapping.row_view is
    'A view with the columns of view_name and those of shows, schema-qualified, and with every row that shows has, so that one look finds all. With it a transaction''s only row, or the few that show its only shared row, take a shorter way, which portal_replication.make_row_inbox() opens in the old database. Null: they go as many rows do, which a view that leaves rows out needs.';
