-- The receiving end: one statement delivers any number of rows, new, changed and gone ones alike.
-- postgres_fdw cannot write "insert or update", and for an insert it sends three statements. But an update of a foreign
-- table is one statement, so the inbox is a view with an INSTEAD OF UPDATE trigger.

drop view if exists portal_replication.inbox;

-- One row, never read for its values: an update of it is a delivery.
create view portal_replication.inbox as
select null::text     as target,
       null::text     as key_column,
       null::text[]   as columns,
       null::text[]   as column_values,
       null::bigint[] as gone,
       null::jsonb    as refused;

comment on view portal_replication.inbox is
    'Updating it delivers rows: target is the table, columns those to write (others are left alone), column_values for each of them an array of the rows'' values, as text, gone the keys to delete. Returned in refused: rows that the table does not accept, with key, code and message.';

create or replace function portal_replication.receive() returns trigger
-- With the rights of whoever delivers: portal_replicator can write what it was granted, nothing else.
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    target_table text := new.target::regclass::text;
    upsert text;
    one_by_one text;
    one text[];
begin
    if cardinality(new.gone) > 0 then
        execute format('delete from %s where %I = any ($1)', target_table, new.key_column) using new.gone;
    end if;
    -- An array of no rows is null.
    if new.column_values[1] is null then
        return new;
    end if;

    -- A row that is right already is not written again.
    select format('insert into %1$s as t (%2$s) select %3$s from unnest(%4$s) u (%2$s)
                   on conflict (%5$I) do update set (%2$s) = row (%6$s) where row (%7$s) is distinct from row (%6$s)',
               target_table, string_agg(c.name, ', '),
               string_agg(format('u.%s::%s', c.name, c.type), ', '),
               -- An array as a value came as its text.
               string_agg(format('($1)[%s]::%s[]', c.n, case c.category when 'A' then 'text' else c.type end), ', '),
               new.key_column, string_agg('excluded.' || c.name, ', '), string_agg('t.' || c.name, ', ')),
           format('select array[%s] from unnest(%s) u (%s)',
               string_agg(format('array[u.%s]::text', c.name), ', '), string_agg(format('($1)[%s]::text[]', c.n), ', '), string_agg(c.name, ', '))
      into upsert, one_by_one
      -- A column that the table does not have is left to the insert to name.
      from (select quote_ident(w.name) as name, w.n, coalesce(format_type(a.atttypid, -1), 'text') as type, t.typcategory as category
              from unnest(new.columns) with ordinality w (name, n)
              left join pg_attribute a on a.attrelid = new.target::regclass and a.attname = w.name and not a.attisdropped
              left join pg_type t on t.oid = a.atttypid
             order by w.n) c;
    begin
        execute upsert using new.column_values;
    exception
        -- The table refuses one of the rows: one by one, so that it does not hold back the others.
        when integrity_constraint_violation or data_exception or raise_exception or with_check_option_violation then
            for one in execute one_by_one using new.column_values loop
                begin
                    execute upsert using one;
                exception
                    when integrity_constraint_violation or data_exception or raise_exception or with_check_option_violation then
                        new.refused := coalesce(new.refused, '[]') || jsonb_build_object(
                            'key', (one[array_position(new.columns, new.key_column)]::bigint[])[1], 'code', sqlstate, 'message', sqlerrm);
                end;
            end loop;
    end;
    return new;
end $$;

comment on function portal_replication.receive() is 'Trigger function: writes what is delivered to the inbox into the table it is for.';
revoke execute on function portal_replication.receive() from public;

create trigger receive instead of update on portal_replication.inbox
    for each row execute function portal_replication.receive();

grant select, update on portal_replication.inbox to portal_replicator;
