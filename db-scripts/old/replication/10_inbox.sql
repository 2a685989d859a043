-- The receiving end: one statement delivers any number of rows, new, changed and gone ones alike.
-- postgres_fdw cannot write "insert or update", and for an insert it sends three statements. But an update of a foreign
-- table is one statement, so the inbox is a view with an INSTEAD OF UPDATE trigger.

drop view if exists portal_replication.inbox;

-- One row, never read for its values: an update of it is a delivery.
create view portal_replication.inbox as
select null::text   as target,
       null::text   as key_column,
       null::jsonb  as rows,
       null::bigint[] as gone,
       null::jsonb  as refused;

comment on view portal_replication.inbox is
    'Updating it delivers rows: target is the table, rows the rows as they should be (only the columns they have are touched), gone the keys to delete. Returned in refused: rows that the table does not accept, with key, code and message.';

create or replace function portal_replication.receive() returns trigger
-- With the rights of whoever delivers: portal_replicator can write what it was granted, nothing else.
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    target_table text := new.target::regclass::text;
    upsert text;
    item jsonb;
begin
    if cardinality(new.gone) > 0 then
        execute format('delete from %s where %I = any ($1)', target_table, new.key_column) using new.gone;
    end if;

    if new.rows is not null then
        -- A row that is right already is not written again.
        select format('insert into %1$s as t (%2$s) select %2$s from jsonb_populate_recordset(null::%1$s, $1)
                       on conflict (%3$I) do update set (%2$s) = row (%4$s) where row (%5$s) is distinct from row (%4$s)',
                   target_table, string_agg(quote_ident(c), ', '), new.key_column,
                   string_agg('excluded.' || quote_ident(c), ', '), string_agg('t.' || quote_ident(c), ', '))
          into upsert
          from jsonb_object_keys(new.rows -> 0) c;
        begin
            execute upsert using new.rows;
        exception
            -- The table refuses one of the rows: one by one, so that it does not hold back the others.
            when integrity_constraint_violation or data_exception or raise_exception or with_check_option_violation then
                for item in select * from jsonb_array_elements(new.rows) loop
                    begin
                        execute upsert using jsonb_build_array(item);
                    exception
                        when integrity_constraint_violation or data_exception or raise_exception or with_check_option_violation then
                            new.refused := coalesce(new.refused, '[]') || jsonb_build_object(
                                'key', item -> new.key_column, 'code', sqlstate, 'message', sqlerrm);
                    end;
                end loop;
        end;
    end if;
    return new;
end $$;

comment on function portal_replication.receive() is 'Trigger function: writes what is delivered to the inbox into the table it is for.';
revoke execute on function portal_replication.receive() from public;

create trigger receive instead of update on portal_replication.inbox
    for each row execute function portal_replication.receive();

grant select, update on portal_replication.inbox to portal_replicator;
