-- The receiving end: one statement delivers any number of rows, new, changed and gone ones alike.
-- postgres_fdw cannot write "insert or update", and for an insert it sends three statements. But an update of a foreign
-- table is one statement, so the inbox is a view with an INSTEAD OF UPDATE trigger.

drop view if exists portal_replication.inbox;

-- One row, never read for its values: an update of it is a delivery.
create view portal_replication.inbox as
select null::text     as layout,
       null::text[]   as one_row,
       null::text[]   as column_values,
       null::bigint[] as gone,
       null::jsonb    as refused;

comment on view portal_replication.inbox is
    'Updating it delivers rows: layout is an array, as text, of the table, its key column, and the columns to write (others are left alone), one_row the values of the only row, as text, or column_values for each column an array of the rows'' values, gone the keys to delete. Returned in refused: rows that the table does not accept, with key, code and message.';

drop function if exists portal_replication.upsert(regclass, text, text[]);
drop function if exists portal_replication.upsert(regclass, text, text[], boolean);

create or replace function portal_replication.upsert(layout text[], one boolean) returns text
language sql stable security invoker set search_path = pg_catalog, pg_temp
as $$
    -- A row that is right already is not written again.
    select format('insert into %1$s as t (%2$s) select %3$s %4$s
                   on conflict (%5$I) do update set (%2$s) = row (%6$s) where row (%7$s) is distinct from row (%6$s)',
               layout[1]::regclass, string_agg(c.name, ', ' order by c.n),
               string_agg(case when one then format('($1)[%s]::%s', c.n, c.type) else format('u.%s::%s', c.name, c.type) end, ', ' order by c.n),
               case when not one then format('from unnest(%s) u (%s)',
                   -- An array as a value came as its text.
                   string_agg(format('($1)[%s]::%s[]', c.n, case c.category when 'A' then 'text' else c.type end), ', ' order by c.n),
                   string_agg(c.name, ', ' order by c.n)) end,
               layout[2],
               string_agg('excluded.' || c.name, ', ' order by c.n), string_agg('t.' || c.name, ', ' order by c.n))
      -- A column that the table does not have is left to the insert to name.
      from (select quote_ident(w.name) as name, w.n, coalesce(format_type(a.atttypid, -1), 'text') as type, t.typcategory as category
              from unnest(layout[3:]) with ordinality w (name, n)
              left join pg_attribute a on a.attrelid = layout[1]::regclass and a.attname = w.name and not a.attisdropped
              left join pg_type t on t.oid = a.atttypid) c;
$$;

comment on function portal_replication.upsert(text[], boolean) is
    'The statement that makes rows of a table what is given: its one parameter holds, as text, the values of one row, or for each column of the layout an array of values.';
revoke execute on function portal_replication.upsert(text[], boolean) from public;
grant execute on function portal_replication.upsert(text[], boolean) to portal_replicator;

create or replace function portal_replication.receive() returns trigger
-- With the rights of whoever delivers: portal_replicator can write what it was granted, nothing else.
language plpgsql security invoker set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
as $$
declare
    refused_row jsonb;
begin
    if new.gone <> '{}' then
        execute format('delete from %s where %I = any ($1)', (new.layout::text[])[1]::regclass, (new.layout::text[])[2]) using new.gone;
    end if;

    -- An array of no rows is null.
    while new.one_row is not null or new.column_values[1] is not null loop
        begin
            -- Whether one row or many is in the name: two statements.
            execute concat('execute "', new.one_row is null, md5(new.layout), '" (', quote_literal(coalesce(new.one_row, new.column_values)), ')');
            -- What the table checks at commit only would fail the commit.
            set constraints all immediate;
            exit;
        exception
            when invalid_sql_statement_name then
                -- The first time in this session. One plan for all, kept: to plan it anew takes longer than to write a row.
                execute concat('prepare "', new.one_row is null, md5(new.layout), '" (text[]) as ', portal_replication.upsert(new.layout::text[], new.one_row is not null));
            when integrity_constraint_violation or data_exception or raise_exception or with_check_option_violation then
                if new.one_row is not null then
                    new.refused := jsonb_build_array(jsonb_build_object(
                        'key', new.one_row[array_position((new.layout::text[])[3:], (new.layout::text[])[2])]::bigint, 'code', sqlstate, 'message', sqlerrm));
                    exit;
                end if;
                -- The table refuses one of the rows: one by one, so that it does not hold back the others.
                for new.one_row in
                    execute (select format('select array[%s] from unnest(%s) u (%s)',
                                        string_agg(format('u.c%s', n), ', '),
                                        string_agg(format('($1)[%s]::text[]', n), ', '),
                                        string_agg(format('c%s', n), ', '))
                               from generate_subscripts(new.column_values, 1) n)
                      using new.column_values
                loop
                    update portal_replication.inbox set layout = new.layout, one_row = new.one_row returning refused into refused_row;
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
