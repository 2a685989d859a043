-- The receiving end: one statement delivers any number of rows, new, changed and gone ones alike.
-- postgres_fdw cannot write "insert or update", and for an insert it sends three statements. But an update of a foreign
-- table is one statement, so the inbox is a view with an INSTEAD OF UPDATE trigger.

drop view if exists portal_replication.inbox;

-- One row, never read for its values: an update of it is a delivery.
create view portal_replication.inbox as
select null::text     as layout,
       null::text[]   as column_values,
       null::bigint[] as gone,
       null::jsonb    as refused;

comment on view portal_replication.inbox is
    'Updating it delivers rows: layout is an array, as text, of the table, its key column, and the columns to write (others are left alone), column_values for each column an array of the rows'' values, gone the keys to delete. Returned in refused: rows that the table does not accept, with key, code and message.';

drop function if exists portal_replication.upsert(text[], boolean);
create or replace function portal_replication.upsert(layout text[]) returns text
language sql stable security invoker set search_path = pg_catalog, pg_temp
as $$
    -- A row that is right already is not written again.
    select format('insert into %1$s as t (%2$s) select %3$s
                   from unnest(%4$s) u (%2$s)
                   on conflict (%5$I) do update set (%2$s) = row (%6$s) where row (%7$s) is distinct from row (%6$s)',
               layout[1]::regclass, string_agg(c.name, ', ' order by c.n),
               string_agg(format('u.%s::%s', c.name, c.type), ', ' order by c.n),
               -- An array as a value came as its text.
               string_agg(format('($1)[%s]::%s[]', c.n, case c.category when 'A' then 'text' else c.type end), ', ' order by c.n),
               layout[2],
               string_agg('excluded.' || c.name, ', ' order by c.n), string_agg('t.' || c.name, ', ' order by c.n))
      -- A column that the table does not have is left to the insert to name.
      from (select quote_ident(w.name) as name, w.n, coalesce(format_type(a.atttypid, -1), 'text') as type, t.typcategory as category
              from unnest(layout[3:]) with ordinality w (name, n)
              left join pg_attribute a on a.attrelid = layout[1]::regclass and a.attname = w.name and not a.attisdropped
              left join pg_type t on t.oid = a.atttypid) c;
$$;

comment on function portal_replication.upsert(text[]) is
    'The statement that makes rows of a table what is given: its one parameter holds for each column of the layout an array of values, as text.';
revoke execute on function portal_replication.upsert(text[]) from public;
grant execute on function portal_replication.upsert(text[]) to portal_replicator;

create or replace function portal_replication.receive() returns trigger
-- With the rights of whoever delivers: portal_replicator can write what it was granted, nothing else.
language plpgsql security invoker set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
as $$
declare
    layout constant text[] := new.layout::text[];
    statement constant text := hashtextextended(new.layout, 0)::text;
    keys text[];
    one_row text[];
    refused_row jsonb;
begin
    if new.gone <> '{}' then
        execute format('delete from %s where %I = any ($1)', layout[1]::regclass, layout[2]) using new.gone;
    end if;

    -- An array of no rows is null.
    while new.column_values[1] is not null loop
        begin
            execute format('execute %I (%L)', statement, new.column_values);
            -- What the table checks at commit only would fail the commit.
            set constraints all immediate;
            exit;
        exception
            when invalid_sql_statement_name then
                -- The first time in this session. One plan for all, kept: to plan it anew takes longer than to write a row.
                execute format('prepare %I (text[]) as %s', statement, portal_replication.upsert(layout));
            when integrity_constraint_violation or data_exception or raise_exception or with_check_option_violation then
                keys := new.column_values[array_position(layout[3:], layout[2])]::text[];
                if cardinality(keys) = 1 then
                    new.refused := jsonb_build_array(jsonb_build_object('key', keys[1]::bigint, 'code', sqlstate, 'message', sqlerrm));
                    exit;
                end if;
                -- The table refuses one of the rows: one by one, so that it does not hold back the others.
                for one_row in
                    execute (select format('select array[%s] from unnest(%s) u (%s)',
                                        string_agg(format('array[u.c%s]::text', n), ', '),
                                        string_agg(format('($1)[%s]::text[]', n), ', '),
                                        string_agg(format('c%s', n), ', '))
                               from generate_subscripts(new.column_values, 1) n)
                      using new.column_values
                loop
                    update portal_replication.inbox set layout = new.layout, column_values = one_row returning refused into refused_row;
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

create trigger receive instead of update on portal_replication.inbox
    for each row execute function portal_replication.receive();

grant select, update on portal_replication.inbox to portal_replicator;

create or replace function portal_replication.check_at_once() returns trigger
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
begin
    set constraints all immediate;
    return null;
end $$;

comment on function portal_replication.check_at_once() is
    'Trigger function: has what the table checks at commit only checked with the statement, because it would fail the commit.';
revoke execute on function portal_replication.check_at_once() from public;

create or replace function portal_replication.make_row_inbox(mapping name, target regclass, key_column name, columns name[]) returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    made text;
begin
    select format($made$
        drop view if exists portal_replication.%1$I;
        create view portal_replication.%1$I as select %3$s;
        comment on view portal_replication.%1$I is 'Updating it makes one row of %4$s what is given, whether it is there or not. What the table does not accept is an error.';
        create or replace function portal_replication.%2$I() returns trigger
        -- With the rights of whoever delivers, as receive().
        language plpgsql security invoker set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
        as $function$
        begin
            insert into %4$s as t (%5$s) values (%6$s)
            on conflict (%7$I) do update set (%5$s) = row (%8$s) where row (%9$s) is distinct from row (%8$s);
            set constraints all immediate;
            return new;
        end $function$;
        comment on function portal_replication.%2$I() is 'Trigger function: writes the row that is delivered into %4$s.';
        revoke execute on function portal_replication.%2$I() from public;
        create trigger receive instead of update on portal_replication.%1$I for each row execute function portal_replication.%2$I();
        grant select, update on portal_replication.%1$I to portal_replicator;
        drop trigger if exists portal_check_at_once on %4$s;
        -- For rows that the replication updates here; what comes through an inbox does it there.
        create trigger portal_check_at_once before update on %4$s for each statement
            when (current_setting('application_name') = 'portal_replication' and pg_trigger_depth() = 0)
            execute function portal_replication.check_at_once()$made$,
               'inbox_' || mapping, 'receive_' || mapping,
               string_agg(format('null::%s as %I', format_type(a.atttypid, a.atttypmod), w.name), ', ' order by w.n), target,
               string_agg(quote_ident(w.name), ', ' order by w.n), string_agg(format('new.%I', w.name), ', ' order by w.n), key_column,
               string_agg(format('excluded.%I', w.name), ', ' order by w.n), string_agg(format('t.%I', w.name), ', ' order by w.n))
      into strict made
      from unnest(columns) with ordinality w (name, n)
      join pg_attribute a on a.attrelid = target and a.attname = w.name and not a.attisdropped;
    execute made;
end $$;

comment on function portal_replication.make_row_inbox(name, regclass, name, name[]) is
    'Has a table take single rows: new ones through a view of these columns, which is quicker than the inbox for many, and changed ones by an update of the table itself. Other columns are left alone.';
revoke execute on function portal_replication.make_row_inbox(name, regclass, name, name[]) from public;

select portal_replication.make_row_inbox('timesheet_old', 'public.timesheet_old', 'id',
    '{id,worker_id,hospital_id,status,is_approved,worker_name,hospital_name,shift_date,start_time,end_time,break_minutes,hours_worked,amount_due,is_paid}');
