-- One query for all shared sources of a mapping: asked about a key, it reads the old row's tables once.

alter table replication.mapping add column shows text;

comment on column replication.mapping.shows is
    'Which shared rows each old row shows: a query of its key, as "key", and for each shared source the primary key of the row shown, in the column that sources names. Null without shared sources.';
comment on column replication.mapping.sources is
    'Every table the view reads. {"table": {"key": column}}: its rows belong to one old row each, whose key is in that column. {"table": {"primary_key": column, "shown_as": name}}: its rows are shared; which of them an old row shows is in this column of the query in shows.';

-- The one that is there reads the configuration as it was; replication/20_install.sql makes it anew.
drop function if exists replication.install(text);
