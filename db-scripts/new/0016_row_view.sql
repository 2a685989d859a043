-- A transaction that changes one old row is the usual one, and every table more that it reads shows.

alter table replication.mapping add column row_view text;

comment on column replication.mapping.row_view is
    'A view with the columns of view_name and those of shows, schema-qualified, so that one look finds both. With it a transaction''s only row takes a shorter way, which portal_replication.make_row_inbox() opens in the old database. Null: it goes as many rows do.';

-- What a trigger's condition calls is called with the rights of whoever writes.
alter table replication.installed_function add column is_for_all boolean not null default false;

comment on column replication.installed_function.is_for_all is 'Whether everybody may call it.';

-- The one that is there reads the configuration as it was; replication/20_install.sql makes it anew.
drop function if exists replication.install(text);
