-- Old rows beside the rows that the mapping shows.

create or replace function replication.compare(
    for_id bigint default null,
    for_worker_id bigint default null,
    for_hospital_id bigint default null,
    only_differences boolean default true,
    after_id bigint default null,
    max_rows integer default null,
    before_id bigint default null,
    for_worker_name text default null,
    for_hospital_name text default null)
returns table (id bigint, difference text, differing_columns text[], new_row jsonb, old_row jsonb)
language plpgsql stable security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    -- Without a lower end the page is the last one before before_id, so it is cut off from behind.
    direction constant text := case when after_id is null and before_id is not null then 'desc' else 'asc' end;
    most constant text := coalesce(max_rows::text, 'all');
    in_range constant text := concat_ws(' and ', 'true',
        'r.id > ' || after_id, 'r.id < ' || before_id, 'r.id = ' || for_id);
    is_asked_for constant text := concat_ws(' and ', 'true',
        'r.worker_id = ' || for_worker_id, 'r.hospital_id = ' || for_hospital_id,
        'position(lower(' || quote_literal(for_worker_name) || ') in lower(r.worker_name)) > 0',
        'position(lower(' || quote_literal(for_hospital_name) || ') in lower(r.hospital_name)) > 0');
    ids bigint[];
begin
    -- First the ids, from each side no more than fit, so that a page of a million rows is as quick as one of ten. Either
    -- side may match: a row whose worker differs is found by both numbers, and by both names.
    if only_differences then
        execute format(
            'select array(
                 select coalesce(n.id, o.id)
                   from (select r as whole, r.id, %2$s as asked_for from mapping.timesheet_old r where %1$s) n
                   full join (select r as whole, r.id, %2$s as asked_for from timesheet_old_schema.timesheet_old r where %1$s) o on o.id = n.id
                  where (n.asked_for or o.asked_for) and n.whole is distinct from o.whole
                  order by 1 %3$s limit %4$s)',
            in_range, is_asked_for, direction, most) into ids;
    else
        execute format(
            'select array(
                 select k.id
                   from ((select r.id from mapping.timesheet_old r where %1$s and %2$s order by r.id %3$s limit %4$s)
                         union
                         (select r.id from timesheet_old_schema.timesheet_old r where %1$s and %2$s order by r.id %3$s limit %4$s)) k
                  order by k.id %3$s limit %4$s)',
            in_range, is_asked_for, direction, most) into ids;
    end if;

    return query execute
        'select s.id,
                case when s.old_row is null then ''missing''
                     when s.new_row is null then ''extra''
                     when s.new_row <> s.old_row then ''different''
                     else ''same'' end,
                array(select cell.key
                        from jsonb_each(s.new_row) cell
                       where s.old_row is not null and cell.value is distinct from s.old_row -> cell.key),
                s.new_row,
                s.old_row
           from (select coalesce(n.id, o.id) as id, to_jsonb(n) as new_row, to_jsonb(o) as old_row
                   from (select * from mapping.timesheet_old r where r.id = any ($1)) n
                   full join (select * from timesheet_old_schema.timesheet_old r where r.id = any ($1)) o on o.id = n.id) s
          order by s.id'
        using ids;
end $$;

comment on function replication.compare(bigint, bigint, bigint, boolean, bigint, integer, bigint, text, text) is
    'Old and new rows side by side in order of id, those after after_id, or the last ones before before_id. Names match in part, in any case. difference is same, missing (not in the old table), extra (only there) or different (see differing_columns).';
revoke execute on function replication.compare(bigint, bigint, bigint, boolean, bigint, integer, bigint, text, text) from public;
grant execute on function replication.compare(bigint, bigint, bigint, boolean, bigint, integer, bigint, text, text) to portal_app;

-- Equal values have to give equal hashes on two servers, and what the old column cannot hold is no difference. So a value
-- is hashed and compared as what it will be in the old column. That no cast here can fail is why there are so few.
create or replace function replication.comparable(
    column_name name, to_hash boolean, new_type oid, old_type oid, new_typmod integer, old_typmod integer) returns text
language sql stable set search_path = pg_catalog, pg_temp
as $$
    with base as (
        select d.oid, t.typname::text as name, t.typcategory as category,
               t.oid in (select c.opcintype from pg_opclass c join pg_am a on a.oid = c.opcmethod where a.amname = 'hash' and c.opcdefault) as is_hashed
          from pg_type d
          join pg_type t on t.oid = case d.typtype when 'd' then d.typbasetype else d.oid end
         where d.oid in (new_type, old_type)
    ), side as (
        select format('t.%I', column_name) as value, n.name as new, o.name as old,
               n.category = 'S' and o.category = 'S' as are_texts,
               array[n.name, o.name] <@ array['int2', 'int4', 'int8'] as are_integers,
               array[n.name, o.name] <@ array['int2', 'int4', 'int8', 'numeric', 'float4', 'float8', 'money'] as are_numbers,
               n.name in ('timestamp', 'timestamptz', 'time', 'timetz') as is_time,
               n.name = o.name and n.is_hashed and n.category = any ('{B,D,T,N,I,U}') as is_hashed
          from base n, base o
         where n.oid = new_type and o.oid = old_type
    ), form as (
        select s.*,
               case
                   -- Padding is no content. Collations differ from server to server, bytes do not.
                   when are_texts and 'bpchar' in (new, old) then value || '::bpchar::text collate "C"'
                   when are_texts then value || '::text collate "C"'
                   when are_integers then value
                   -- Numbers are rounded as the old column rounds them.
                   when are_numbers and old = 'numeric' and old_typmod >= 0 and (new <> 'numeric' or new_typmod <> old_typmod) then
                       format('round(%s::numeric, %s)', value, (((old_typmod - 4) & 2047) # 1024) - 1024)
                   when are_numbers and old in ('float4', 'float8') then value || '::' || old
                   when are_numbers then value || '::numeric'
                   when is_time and new = old and old_typmod >= 0 and new_typmod <> old_typmod then format('%s::%s(%s)', value, old, old_typmod)
                   when new in ('json', 'jsonb') and old in ('json', 'jsonb') then value || '::jsonb'
                   when is_hashed then value
                   else value || '::text collate "C"'
               end as compared
          from side s
    )
    select case
               when not to_hash then compared
               -- PostgreSQL's hash of a numeric leaves out the sign: all are made positive where it is known how large they can be.
               when new = 'numeric' and old = 'numeric' and old_typmod >= 0 and new_typmod = old_typmod then
                   value || ' + 1' || repeat('0', greatest(0, (((old_typmod - 4) >> 16) & 65535) - ((((old_typmod - 4) & 2047) # 1024) - 1024)))
               -- Elsewhere the sign is hashed as well, and what is the same for NaN and infinity, which has no scale.
               when are_numbers and not are_integers and old not in ('float4', 'float8') then
                   concat_ws(', ', compared, compared || ' < 0', case when old_typmod < 0 then compared || ' = ''NaN''' end)
               when compared like '%::jsonb' then compared || '::text collate "C"'
               else compared
           end
      from form
$$;

comment on function replication.comparable(name, boolean, oid, oid, integer, integer) is
    'The expression of table t by which a column''s values are compared, or the list of those that are hashed. It is the same on both sides.';
revoke execute on function replication.comparable(name, boolean, oid, oid, integer, integer) from public;
grant execute on function replication.comparable(name, boolean, oid, oid, integer, integer) to portal_app;

create or replace function replication.compared_columns(mapping_name text)
returns table (name text, is_number boolean, compared text, hashed text)
language sql stable security invoker set search_path = pg_catalog, pg_temp
as $$
    select n.attname::text, t.typcategory = 'N',
           replication.comparable(n.attname, false, n.atttypid, o.atttypid, n.atttypmod, o.atttypmod),
           replication.comparable(n.attname, true, n.atttypid, o.atttypid, n.atttypmod, o.atttypmod)
      from replication.mapping m
      join pg_attribute n on n.attrelid = m.view_name::regclass and n.attnum > 0 and not n.attisdropped
      join pg_attribute o on o.attrelid = m.foreign_table::regclass and o.attname = n.attname and o.attnum > 0 and not o.attisdropped
      join pg_type t on t.oid = n.atttypid
     where m.name = mapping_name
     order by n.attnum
$$;

comment on function replication.compared_columns(text) is
    'The columns that a mapping''s view and its old table both have, and by which expressions of table t both sides are compared and hashed.';
revoke execute on function replication.compared_columns(text) from public;
grant execute on function replication.compared_columns(text) to portal_app;

drop function if exists replication.look_again(text, bigint[]);
create function replication.look_again(mapping_name text, keys bigint[])
returns table (key bigint, kind text, cause text, waits_since timestamptz, cells jsonb)
-- Volatile: what is read has to be what is there when the locks are held.
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
-- Shorter than a writer's: whoever waits for what is held here meanwhile still writes at its commit.
set lock_timeout = '200ms'
as $$
#variable_conflict use_column
declare
    m replication.mapping;
    names text[];
    compared text;
    differs text;
    found jsonb;
    differing bigint[];
    queued jsonb;
    behind bigint[];
    behind_since timestamptz;
    was_silent boolean;
begin
    select * into strict m from replication.mapping where name = mapping_name;
    select array_agg(c.name order by c.n), string_agg(format('%s as c%s', c.compared, c.n), ', ' order by c.n),
           string_agg(format('n.c%1$s is distinct from o.c%1$s', c.n), ', ' order by c.n)
      into names, compared, differs
      from (select *, row_number() over () as n from replication.compared_columns(m.name)) c;

    -- As the flush takes them: whoever writes one of these keys has committed on both sides, or has not begun.
    perform pg_advisory_xact_lock_shared(hashtext('replication'), s.stripe)
       from (select distinct (k & 255)::integer as stripe from unnest(keys) k order by stripe offset 0) s;

    execute format(
        'select jsonb_agg(jsonb_build_object(''key'', d.key, ''kind'', d.kind, ''cells'', (
                    select jsonb_object_agg(c.name, case d.kind when ''missing'' then ''{}''::jsonb else jsonb_build_object(''old'', d.old_row ->> c.name) end
                                                 || case d.kind when ''extra'' then ''{}''::jsonb else jsonb_build_object(''new'', d.new_row ->> c.name) end)
                      from unnest($2, d.differs) c (name, differs)
                     where c.differs or d.kind <> ''different'')))
           from (select coalesce(n.key, o.key) as key, n.shown as new_row, o.shown as old_row, array[%5$s] as differs,
                        case when o.key is null then ''missing'' when n.key is null then ''extra'' else ''different'' end as kind
                   from (select t.%1$I as key, to_jsonb(t) as shown, %4$s from %2$s t where t.%1$I = any ($1)) n
                   full join (select t.%1$I as key, to_jsonb(t) as shown, %4$s from %3$s t where t.%1$I = any ($1)) o on o.key = n.key) d
          where d.kind <> ''different'' or true = any (d.differs)',
        m.key_column, m.view_name, m.foreign_table, compared, differs)
       into found using keys, names;
    if found is null then
        return;
    end if;

    differing := array(select r.key from jsonb_to_recordset(found) r (key bigint));
    -- Shared rows first: who moves a row away from one meanwhile queues its key, and that cannot be delivered before this is over.
    select min(o.queued_at) into behind_since from replication.outbox o where o.mapping = m.name and o.source is not null;
    if behind_since is not null then
        execute format(
            'select replication.%I(array_agg(o.source), array_agg(k)) from replication.outbox o, unnest(o.keys) k
              where o.mapping = $1 and o.source is not null', 'expand_' || m.name)
           into behind using m.name;
    end if;
    queued := (select jsonb_object_agg(q.key, q.since)
                 from (select k as key, min(o.queued_at) as since from replication.outbox o, unnest(o.keys) k
                        where o.mapping = m.name and o.source is null and k = any (differing) group by k) q);
    -- Now, or at any time since all rows were last known to be equal.
    was_silent := exists (
        select from replication.expected_trigger e
          left join pg_trigger t on t.tgrelid = to_regclass(e.table_name) and t.tgname = e.trigger_name
         where t.oid is null or t.tgenabled in ('D', 'R'))
        or exists (
        select from replication.alarm a
         where a.cause = 'trigger'
           and coalesce(a.resolved_at, 'infinity') > (
               select coalesce(max(c.started_at), '-infinity') from replication.comparison c
                where c.mapping = m.name and c.state = 'finished' and c.missing + c.extra + c.different = 0));

    return query
        select r.key, r.kind,
               case when exists (select from replication.quarantine q where q.mapping = m.name and q.key = r.key and q.state <> 'taken') then 'left_out'
                    when exists (select from replication.set_aside s where s.mapping = m.name and s.key = r.key) then 'set_aside'
                    when queued ? r.key::text or r.key = any (behind) then 'queued'
                    when was_silent then 'trigger_off'
                    else 'unknown' end,
               least((queued ->> r.key::text)::timestamptz, case when r.key = any (behind) then behind_since end),
               r.cells
          from jsonb_to_recordset(found) r (key bigint, kind text, cells jsonb)
         order by r.key;
end $$;

comment on function replication.look_again(text, bigint[]) is
    'Compares these rows once more while nobody else can write them to the old database, and returns those that still differ, with the likely cause and, of those that wait for delivery, since when. For some hundred keys in a transaction of its own; those with the same last byte cost one lock together.';
revoke execute on function replication.look_again(text, bigint[]) from public;
grant execute on function replication.look_again(text, bigint[]) to portal_app;
