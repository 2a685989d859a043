-- The receiving end: one statement delivers any number of rows, new, changed and gone ones alike.
-- postgres_fdw cannot write "insert or update", and for an insert it sends three statements. But an update of a foreign
-- table is one statement, so the inbox is a view with an INSTEAD OF UPDATE trigger.

drop view if exists portal_replication.inbox;

-- One row, never read for its values: an update of it is a delivery.
create view portal_replication.inbox as
select null::text     as target,
       null::text     as key_column,
       null::text[]   as columns,
       null::text[]   as one_row,
       null::text[]   as column_values,
       null::bigint[] as gone,
       null::jsonb    as refused;

comment on view portal_replication.inbox is
    'Updating it delivers rows: target is the table, columns those to write (others are left alone), one_row the values of the only row, as text, or column_values for each column an array of the rows'' values, gone the keys to delete. Returned in refused: rows that the table does not accept, with key, code and message.';

drop function if exists portal_replication.upsert(regclass, text, text[]);

create or replace function portal_replication.upsert(target regclass, key_column text, columns text[], one boolean) returns text
language sql stable security invoker set search_path = pg_catalog, pg_temp
as $$
    -- A row that is right already is not written again.
    select format('insert into %1$s as t (%2$s) select %3$s %4$s
                   on conflict (%5$I) do update set (%2$s) = row (%6$s) where row (%7$s) is distinct from row (%6$s)',
               target, string_agg(c.name, ', ' order by c.n),
               string_agg(case when one then format('($1)[%s]::%s', c.n, c.type) else format('u.%s::%s', c.name, c.type) end, ', ' order by c.n),
               case when not one then format('from unnest(%s) u (%s)',
                   -- An array as a value came as its text.
                   string_agg(format('($1)[%s]::%s[]', c.n, case c.category when 'A' then 'text' else c.type end), ', ' order by c.n),
                   string_agg(c.name, ', ' order by c.n)) end,
               key_column,
               string_agg('excluded.' || c.name, ', ' order by c.n), string_agg('t.' || c.name, ', ' order by c.n))
      -- A column that the table does not have is left to the insert to name.
      from (select quote_ident(w.name) as name, w.n, coalesce(format_type(a.atttypid, -1), 'text') as type, t.typcategory as category
              from unnest(columns) with ordinality w (name, n)
              left join pg_attribute a on a.attrelid = target and a.attname = w.name and not a.attisdropped
              left join pg_type t on t.oid = a.atttypid) c;
$$;

comment on function portal_replication.upsert(regclass, text, text[], boolean) is
    'The statement that makes rows of a table what is given: its one parameter holds, as text, the values of one row, or for each of these columns an array of values.';
revoke execute on function portal_replication.upsert(regclass, text, text[], boolean) from public;
grant execute on function portal_replication.upsert(regclass, text, text[], boolean) to portal_replicator;

create or replace function portal_replication.prepared_upsert(target regclass, key_column text, columns text[], one boolean) returns text
-- One plan for all, kept: to plan it anew takes longer than to write a row.
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    statement_name constant text := format('receive_%s_%s', one, md5(format('%s %s %s', target, key_column, columns)));
begin
    if not exists (select from pg_prepared_statements p where p.name = statement_name) then
        execute format('prepare %I (text[]) as %s', statement_name, portal_replication.upsert(target, key_column, columns, one));
    end if;
    return statement_name;
end $$;

comment on function portal_replication.prepared_upsert(regclass, text, text[], boolean) is 'The name of the prepared upsert(), which is prepared once a session.';
revoke execute on function portal_replication.prepared_upsert(regclass, text, text[], boolean) from public;
grant execute on function portal_replication.prepared_upsert(regclass, text, text[], boolean) to portal_replicator;

create or replace function portal_replication.receive_row(target regclass, key_column text, columns text[], one_row text[]) returns jsonb
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('execute %I (%L)', portal_replication.prepared_upsert(target, key_column, columns, true), one_row);
    -- What the table checks at commit only would fail the commit.
    set constraints all immediate;
    return '[]'::jsonb;
exception
    when integrity_constraint_violation or data_exception or raise_exception or with_check_option_violation then
        return jsonb_build_array(jsonb_build_object(
            'key', one_row[array_position(columns, key_column)]::bigint, 'code', sqlstate, 'message', sqlerrm));
end $$;

comment on function portal_replication.receive_row(regclass, text, text[], text[]) is 'Writes one row; returns [], or why the table does not accept it.';
revoke execute on function portal_replication.receive_row(regclass, text, text[], text[]) from public;
grant execute on function portal_replication.receive_row(regclass, text, text[], text[]) to portal_replicator;

create or replace function portal_replication.receive() returns trigger
-- With the rights of whoever delivers: portal_replicator can write what it was granted, nothing else.
language plpgsql security invoker set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
as $$
declare
    target_table constant regclass := new.target::regclass;
    refused jsonb := '[]'::jsonb;
    one_row text[];
begin
    if new.one_row is not null then
        refused := portal_replication.receive_row(target_table, new.key_column, new.columns, new.one_row);
    end if;
    if cardinality(new.gone) > 0 then
        execute format('delete from %s where %I = any ($1)', target_table, new.key_column) using new.gone;
    end if;
    -- An array of no rows is null.
    if new.column_values[1] is not null then
        begin
            execute format('execute %I (%L)', portal_replication.prepared_upsert(target_table, new.key_column, new.columns, false), new.column_values);
            set constraints all immediate;
        exception
            -- The table refuses one of the rows: one by one, so that it does not hold back the others.
            when integrity_constraint_violation or data_exception or raise_exception or with_check_option_violation then
                for one_row in
                    execute (select format('select array[%s] from unnest(%s) u (%s)',
                                        string_agg(format('u.c%s', n), ', '),
                                        string_agg(format('($1)[%s]::text[]', n), ', '),
                                        string_agg(format('c%s', n), ', '))
                               from generate_subscripts(new.columns, 1) n)
                      using new.column_values
                loop
                    refused := refused || portal_replication.receive_row(target_table, new.key_column, new.columns, one_row);
                end loop;
        end;
    end if;
    new.refused := nullif(refused, '[]');
    return new;
end $$;

comment on function portal_replication.receive() is 'Trigger function: writes what is delivered to the inbox into the table it is for.';
revoke execute on function portal_replication.receive() from public;

create trigger receive instead of update on portal_replication.inbox
    for each row execute function portal_replication.receive();

grant select, update on portal_replication.inbox to portal_replicator;
