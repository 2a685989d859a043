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

create or replace function portal_replication.receive() returns trigger
-- With the rights of whoever delivers: portal_replicator can write what it was granted, nothing else.
language plpgsql security invoker set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
as $$
declare
    target_table constant regclass := new.target::regclass;
    is_one constant boolean := new.one_row is not null;
    statement_name constant text := format('receive %s %s', is_one, md5(concat_ws(' ', new.target, new.key_column, new.columns)));
    refused_row jsonb;
begin
    if cardinality(new.gone) > 0 then
        execute format('delete from %s where %I = any ($1)', target_table, new.key_column) using new.gone;
    end if;

    -- An array of no rows is null.
    while is_one or new.column_values[1] is not null loop
        begin
            execute format('execute %I (%L)', statement_name, case when is_one then new.one_row else new.column_values end);
            -- What the table checks at commit only would fail the commit.
            set constraints all immediate;
            exit;
        exception
            when invalid_sql_statement_name then
                -- The first time in this session. One plan for all, kept: to plan it anew takes longer than to write a row.
                execute format('prepare %I (text[]) as %s', statement_name, portal_replication.upsert(target_table, new.key_column, new.columns, is_one));
            when integrity_constraint_violation or data_exception or raise_exception or with_check_option_violation then
                if is_one then
                    new.refused := jsonb_build_array(jsonb_build_object(
                        'key', new.one_row[array_position(new.columns, new.key_column)]::bigint, 'code', sqlstate, 'message', sqlerrm));
                    exit;
                end if;
                -- The table refuses one of the rows: one by one, so that it does not hold back the others.
                for new.one_row in
                    execute (select format('select array[%s] from unnest(%s) u (%s)',
                                        string_agg(format('u.c%s', n), ', '),
                                        string_agg(format('($1)[%s]::text[]', n), ', '),
                                        string_agg(format('c%s', n), ', '))
                               from generate_subscripts(new.columns, 1) n)
                      using new.column_values
                loop
                    update portal_replication.inbox
                       set target = new.target, key_column = new.key_column, columns = new.columns, one_row = new.one_row
                 returning refused into refused_row;
                    new.refused := coalesce(new.refused, '[]') || coalesce(refused_row, '[]');
                end loop;
                exit;
        end;
    end loop;
    new.refused := nullif(new.refused, '[]');
    return new;
end $$;

comment on function portal_replication.receive() is 'Trigger function: writes what is delivered to the inbox into the table it is for.';
revoke execute on function portal_replication.receive() from public;

drop function if exists portal_replication.receive_row(regclass, text, text[], text[]);
drop function if exists portal_replication.prepared_upsert(regclass, text, text[], boolean);

create trigger receive instead of update on portal_replication.inbox
    for each row execute function portal_replication.receive();

grant select, update on portal_replication.inbox to portal_replicator;
