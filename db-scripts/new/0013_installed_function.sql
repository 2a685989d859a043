-- The functions that triggers call, directly or through others, as the scripts have made them.

create table replication.installed_function (
    function_name  text primary key,
    definition     text not null,
    comment        text,
    is_for_portal  boolean not null,
    recorded_at    timestamptz not null default clock_timestamp()
);

comment on table replication.installed_function is 'The functions that the replication''s triggers call, as the scripts have made them, to tell later changes by and to make them anew from.';
comment on column replication.installed_function.function_name is 'The function, with its schema and arguments.';
comment on column replication.installed_function.definition is 'The statement that creates it, as pg_get_functiondef() has it.';
comment on column replication.installed_function.comment is 'What the function says of itself.';
comment on column replication.installed_function.is_for_portal is 'Whether portal_app may call it itself.';
comment on column replication.installed_function.recorded_at is 'When a script made it.';

grant select on replication.installed_function to portal_app;
