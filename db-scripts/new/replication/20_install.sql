-- Makes what one mapping needs: functions with its tables' names in them, so that PostgreSQL keeps their plans, and
-- triggers. {view}, {key} and so on in the templates are replaced by what replication.mapping says.

-- One lock space: stripes 0-255 for keys of old rows, 256-511 for rows of shared sources. Stripes instead of a lock a key,
-- because the lock table holds only a few thousand.
create or replace function replication.lock_stripe(stripe integer, exclusive boolean) returns integer
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    if exclusive then
        perform pg_advisory_xact_lock(hashtext('replication'), stripe);
    else
        perform pg_advisory_xact_lock_shared(hashtext('replication'), stripe);
    end if;
    return stripe;
end $$;

comment on function replication.lock_stripe(integer, boolean) is 'Takes the lock of a stripe to the end of the transaction; returns the stripe.';
revoke execute on function replication.lock_stripe(integer, boolean) from public;

create or replace function replication.try_lock_stripe(stripe integer) returns boolean
language sql set search_path = pg_catalog, pg_temp
return case when stripe < 256 then pg_try_advisory_xact_lock(hashtext('replication'), stripe)
            else pg_try_advisory_xact_lock_shared(hashtext('replication'), stripe) end;

comment on function replication.try_lock_stripe(integer) is 'Takes the lock of a stripe as a reader of shared rows or writer of a key needs it, if that is possible at once.';
revoke execute on function replication.try_lock_stripe(integer) from public;

create or replace function replication.write_template() returns text
language sql immutable set search_path = pg_catalog, pg_temp
return $template$
create or replace function replication.stripes_of_{name}(wanted bigint[]) returns setof integer
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return query {stripes};
end $$;
comment on function replication.stripes_of_{name}(bigint[]) is 'The lock stripes of all shared rows that {view} reads for these keys.';
revoke execute on function replication.stripes_of_{name}(bigint[]) from public;

create or replace function replication.keys_of_{name}(source_name text, source_keys bigint[]) returns setof bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    {expansions}
end $$;
comment on function replication.keys_of_{name}(text, bigint[]) is 'The keys of all rows of {view} that show these rows of a shared source.';
revoke execute on function replication.keys_of_{name}(text, bigint[]) from public;

create or replace function replication.write_{name}(direct_keys bigint[], source_names text[], source_keys bigint[]) returns integer
-- Volatile: each query has to see what was committed while the one before it waited for a lock.
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
-- Values travel as text, which the session of whoever commits must not colour.
set datestyle = 'ISO, MDY' set intervalstyle = 'postgres' set extra_float_digits = 1
-- Everything here is found by key, one key or ten thousand: one plan for all, kept, that goes from index to index.
set plan_cache_mode = force_generic_plan set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    all_keys bigint[] := direct_keys;
    chunk bigint[];
    locked integer[];
    present bigint[];
    projected text[];
    refusals jsonb;
begin
    if cardinality(source_keys) > 0 then
        all_keys := direct_keys || replication.expand_{name}(source_names, source_keys);
    end if;

    -- Highest stripe first: shared rows, then keys. All locks of everybody in one order, so nobody waits in a circle.
    -- Whoever changed a shared row excludes those who show it, and they exclude him.
    select array_agg(replication.lock_stripe(w.stripe, w.exclusive)) into locked
      from (select n.stripe, bool_or(n.exclusive) as exclusive
              from (select (k & 255)::integer as stripe, true as exclusive from unnest(all_keys) k
                    union all
                    select s, false from replication.stripes_of_{name}(all_keys) s
                    union all
                    select 256 + (hashint8extended(c.key, hashtext(c.name)) & 255)::integer, true from unnest(source_names, source_keys) c (name, key)) n
             group by n.stripe
             order by n.stripe desc
            offset 0) w;

    -- What was committed while this waited may show other rows. The locks for these come out of order: no waiting for them.
    if cardinality(source_keys) > 0 then
        all_keys := direct_keys || replication.expand_{name}(source_names, source_keys);
    end if;
    if exists (
        select from (select replication.stripes_of_{name}(all_keys) as stripe
                      union select (k & 255)::integer from unnest(all_keys) k) n
         where n.stripe <> all (locked) and not replication.try_lock_stripe(n.stripe)) then
        raise exception using errcode = 'lock_not_available', message = 'rows to be replicated are just being moved';
    end if;

    for start in 1 .. coalesce(cardinality(all_keys), 0) by 10000 loop
        chunk := all_keys[start : start + 9999];
        select coalesce(array_agg(v.{key}), '{}'), array[{values}] into present, projected from {view} v where v.{key} = any (chunk);
        update replication.inbox
           set target = {old_table}, key_column = {key_name}, columns = {columns}, column_values = projected,
               gone = array(select k from unnest(chunk) k where k <> all (present))
     returning refused into refusals;

        if refusals is not null then
            perform replication.set_aside({mapping}, refusals);
        end if;
        delete from replication.set_aside s
         where s.mapping = {mapping} and s.key = any (chunk)
           and not exists (select from jsonb_to_recordset(refusals) r (key bigint) where r.key = s.key);
    end loop;
    return coalesce(cardinality(all_keys), 0);
end $$;
comment on function replication.write_{name}(bigint[], text[], bigint[]) is
    'Makes the old rows of these keys, and of all that show these shared rows, what {view} shows now. Returns how many.';
revoke execute on function replication.write_{name}(bigint[], text[], bigint[]) from public;

create or replace function replication.expand_{name}(source_names text[], source_keys bigint[]) returns bigint[]
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return array(
        select distinct k
          from (select c.name, array_agg(c.key) as keys from unnest(source_names, source_keys) c (name, key) group by c.name) c,
               replication.keys_of_{name}(c.name, c.keys) k);
end $$;
comment on function replication.expand_{name}(text[], bigint[]) is 'The keys of all rows of {view} that show any of these shared rows.';
revoke execute on function replication.expand_{name}(text[], bigint[]) from public;
$template$;

comment on function replication.write_template() is 'What install() makes for a mapping, with names left open.';
revoke execute on function replication.write_template() from public;

create or replace function replication.capture_template() returns text
language sql immutable set search_path = pg_catalog, pg_temp
return $template$
create or replace function replication.{function}() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    insert into replication.outbox (mapping, source, keys)
    select {mapping}, {source}, array_agg(k.key)
      from (select c.{key} as key, row_number() over () as n from ({changed}) c where c.{key} is not null) k
     group by (k.n - 1) / 10000;
    return null;
end $$;
comment on function replication.{function}() is 'Trigger function: queues what a statement changed in {table}, once a statement, whatever the number of rows.';
revoke execute on function replication.{function}() from public;
drop trigger if exists {trigger} on {table};
create trigger {trigger} {timing} {event} on {table} {transition} for each statement execute function replication.{function}();
$template$;

comment on function replication.capture_template() is 'What install() makes for each event on each source of a mapping, with names left open.';
revoke execute on function replication.capture_template() from public;

create or replace function replication.fill(template text, values_of_names jsonb) returns text
language plpgsql immutable set search_path = pg_catalog, pg_temp
as $$
declare
    name text;
    value text;
begin
    for name, value in select * from jsonb_each_text(values_of_names) loop
        template := replace(template, '{' || name || '}', coalesce(value, 'null'));
    end loop;
    return template;
end $$;

comment on function replication.fill(text, jsonb) is 'A template with its {names} replaced.';
revoke execute on function replication.fill(text, jsonb) from public;

drop view if exists replication.expected_trigger;
drop view if exists replication.capture;

create view replication.capture as
select m.name as mapping,
       s.key as table_name,
       s.value ? 'rows' as is_shared,
       coalesce(s.value ->> 'key', s.value ->> 'primary_key') as key,
       format('capture_%s_%s', e.event, m.name) as trigger_name,
       format('capture_%s_%s_%s', m.name, split_part(s.key, '.', 2), e.event) as function_name,
       e.*
  from replication.mapping m,
       jsonb_each(m.sources) s,
       lateral (values
           ('insert', 'after', 'referencing new table as after_rows', 'table after_rows'),
           -- Rows that an update leaves as they were are no change; one that it changes is one change, not a before and an after.
           ('update', 'after', 'referencing old table as before_rows new table as after_rows',
            format('select distinct c.%1$I from ((table before_rows except table after_rows) union all (table after_rows except table before_rows)) c',
                   coalesce(s.value ->> 'key', s.value ->> 'primary_key'))),
           ('delete', 'after', 'referencing old table as before_rows', 'table before_rows'),
           ('truncate', 'before', '', 'table ' || s.key)) e (event, timing, transition, changed)
 -- A shared row that is new is shown by none yet, and one that is shown cannot be deleted.
 where e.event = 'update' or not s.value ? 'rows';

comment on view replication.capture is 'The statement triggers that install() makes: which table, on what, with which function.';

create view replication.expected_trigger as
select table_name, trigger_name from replication.capture
union all
values ('public.timesheet_new', 'do_dreplicate_to_old_table'), ('replication.outbox', 'flush_at_commit');

comment on view replication.expected_trigger is 'Every trigger that the replication needs.';

grant select on replication.capture, replication.expected_trigger to portal_app;

create or replace function replication.install(mapping_name text) returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    m replication.mapping;
    stripes text;
    expansions text;
    column_names text[];
    column_values text;
    capture record;
begin
    select * into strict m from replication.mapping where name = mapping_name;
    insert into replication.verification (mapping) values (m.name) on conflict do nothing;

    select string_agg(format('select 256 + (hashint8extended(x.source_key, hashtext(%L)) & 255)::integer from (%s) x where x.key = any (wanted)',
                             s.key, s.value ->> 'rows'), E'\n     union '),
           string_agg(format(E'if source_name = %L then\n        return query select x.key from (%s) x where x.source_key = any (source_keys);\n    end if;',
                             s.key, s.value ->> 'rows'), E'\n    ')
      into stripes, expansions
      from jsonb_each(m.sources) s where s.value ? 'rows';

    -- One array a column: quicker to make, to send and to read than a document a row. An array as a value goes as its text.
    select array_agg(a.attname order by a.attnum),
           string_agg(format('array_agg(v.%I%s)::text', a.attname, case t.typcategory when 'A' then '::text' end), ', ' order by a.attnum)
      into column_names, column_values
      from pg_attribute a join pg_type t on t.oid = a.atttypid
     where a.attrelid = m.view_name::regclass and a.attnum > 0 and not a.attisdropped;

    execute replication.fill(replication.write_template(), jsonb_build_object(
        'name', m.name, 'mapping', quote_literal(m.name), 'view', m.view_name,
        'key', quote_ident(m.key_column), 'key_name', quote_literal(m.key_column), 'old_table', quote_literal(m.old_table),
        'columns', quote_literal(column_names), 'values', column_values,
        'stripes', coalesce(stripes, 'select null::integer where false'), 'expansions', coalesce(expansions, 'return;')));

    for capture in select * from replication.capture c where c.mapping = m.name
    loop
        execute replication.fill(replication.capture_template(), jsonb_build_object(
            'function', quote_ident(capture.function_name), 'trigger', quote_ident(capture.trigger_name),
            'mapping', quote_literal(m.name), 'source', case when capture.is_shared then quote_literal(capture.table_name) else 'null' end,
            'key', quote_ident(capture.key), 'changed', capture.changed, 'table', capture.table_name,
            'timing', capture.timing, 'event', capture.event, 'transition', capture.transition));
        perform replication.record_trigger(capture.table_name, capture.trigger_name);
    end loop;
end $$;

comment on function replication.install(text) is 'Makes the functions and triggers of a mapping, or makes them anew.';
revoke execute on function replication.install(text) from public;

select replication.install(name) from replication.mapping order by name;
