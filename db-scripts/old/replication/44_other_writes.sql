-- What is known of writes that were not the replication's.

create or replace function portal_replication.note_other_write(target text, write_operation text, row_count bigint, gone_keys bigint[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into portal_replication.other_write (table_name, operation, rows, gone, application, role, address)
    values (target, write_operation, row_count, gone_keys, coalesce(current_setting('application_name', true), ''), session_user,
            coalesce(host(inet_client_addr()), 'local'));
    -- Now and then, so that it stays small without anybody looking after it.
    if random() < 0.001 then
        perform portal_replication.thin_other_writes(100000);
    end if;
end $$;

comment on function portal_replication.note_other_write(text, text, bigint, bigint[]) is 'Notes one statement of somebody else than the replication.';
revoke execute on function portal_replication.note_other_write(text, text, bigint, bigint[]) from public;

create or replace function portal_replication.thin_other_writes(keep integer) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    thinned bigint;
begin
    -- Nobody waits for somebody else who does it.
    if not pg_try_advisory_xact_lock(hashtext('portal_replication.thin_other_writes')) then
        return 0;
    end if;
    with oldest as materialized (
        delete from portal_replication.other_write w
         where w.id <= (select k.id from portal_replication.other_write k order by k.id desc offset keep limit 1)
     returning w.*
    ), summed as (
        insert into portal_replication.other_writer_before as b
        select o.application, o.role, o.address, o.table_name, o.operation, count(*), sum(o.rows), min(o.at), max(o.at)
          from oldest o group by o.application, o.role, o.address, o.table_name, o.operation
        on conflict (application, role, address, table_name, operation) do update
           set statements = b.statements + excluded.statements, rows = b.rows + excluded.rows, last_at = greatest(b.last_at, excluded.last_at)
    )
    select count(*) into thinned from oldest;
    return thinned;
end $$;

comment on function portal_replication.thin_other_writes(integer) is 'Keeps so many statements and adds up those before them. Returns how many it added up.';
revoke execute on function portal_replication.thin_other_writes(integer) from public;

create or replace view portal_replication.other_writer as
select application, role, address, table_name, operation,
       sum(statements)::bigint as statements, sum(rows)::bigint as rows, min(first_at) as first_at, max(last_at) as last_at
  from (select * from portal_replication.other_writer_before
        union all
        select application, role, address, table_name, operation, 1, rows, at, at from portal_replication.other_write) w
 group by application, role, address, table_name, operation;

comment on view portal_replication.other_writer is 'Who has written the old tables besides the replication: which program, as whom, from where, and how much.';
grant select on portal_replication.other_writer to portal_app;

create or replace function portal_replication.latest_other_writes()
returns table (table_name text, seconds_ago double precision, operation text, rows bigint, written_by text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    -- By the clock here: that of whoever asks may be another.
    select w.table_name, extract(epoch from clock_timestamp() - w.at)::float8, w.operation, w.rows,
           format('%s as %s from %s', coalesce(nullif(w.application, ''), 'a program that gives no name'), w.role, w.address)
      from portal_replication.guarded_table g,
           lateral (select o.* from portal_replication.other_write o where o.table_name = g.table_name order by o.id desc limit 1) w
$$;

comment on function portal_replication.latest_other_writes() is 'The latest statement of somebody else on each guarded table.';
revoke execute on function portal_replication.latest_other_writes() from public;
grant execute on function portal_replication.latest_other_writes() to portal_app;

create or replace function portal_replication.written_by_others(target text, keys bigint[])
returns table (key bigint, at timestamptz, written_by text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
    guarded portal_replication.guarded_table;
begin
    select g.* into guarded from portal_replication.guarded_table g where to_regclass(g.table_name) = to_regclass(target);
    if not found then
        return;
    end if;
    -- A row carries the transaction that wrote it last: if that is one of somebody else's, so is the row. One that is not
    -- there any more was deleted by somebody else if they were the last to be seen doing it.
    for key, at, written_by in execute format(
        $query$
        with missing as materialized (
            select k from unnest($1) k where not exists (select from %1$s t where t.%2$I = k)
        ), evidence as (
            select t.%2$I as key, w.id
              from %1$s t join portal_replication.other_write w on w.xmin = t.xmin
             where t.%2$I = any ($1) and w.table_name = $2 and w.operation in ('insert', 'update')
            union all
            select m.k, w.id
              from portal_replication.other_write w, unnest(w.gone) g join missing m on m.k = g
             where w.table_name = $2 and w.operation = 'delete'
            union all
            select m.k, w.id from portal_replication.other_write w, missing m where w.table_name = $2 and w.operation = 'truncate'
        )
        select e.key, w.at, concat_ws(', ', nullif(w.application, ''), w.role, w.address)
          from (select e.key, max(e.id) as id from evidence e group by e.key) e
          join portal_replication.other_write w on w.id = e.id
         order by e.key
        $query$, guarded.table_name, guarded.key_column)
    using keys, guarded.table_name
    loop
        return next;
    end loop;
end $$;

comment on function portal_replication.written_by_others(text, bigint[]) is
    'The rows among these that somebody else than the replication has written since it last did, with when and who. A repair does not overwrite them unasked.';
revoke execute on function portal_replication.written_by_others(text, bigint[]) from public;
grant execute on function portal_replication.written_by_others(text, bigint[]) to portal_app;

-- The same for the replication, which can ask by an update of a foreign table and not by a call.
drop view if exists portal_replication.others_wrote;

create view portal_replication.others_wrote as
select null::text as target, null::bigint[] as keys, null::bigint[] as written;

comment on view portal_replication.others_wrote is
    'Updating it asks: target is a table, keys are those of the rows in question. Returned in written: those that somebody else than the replication has written since it last did.';

create or replace function portal_replication.answer_others_wrote() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    new.written := array(select w.key from portal_replication.written_by_others(new.target, new.keys) w);
    return new;
end $$;

comment on function portal_replication.answer_others_wrote() is 'Trigger function: answers an update of others_wrote.';
revoke execute on function portal_replication.answer_others_wrote() from public;

create trigger answer instead of update on portal_replication.others_wrote
    for each row execute function portal_replication.answer_others_wrote();

grant select, update on portal_replication.others_wrote to portal_replicator;
