-- Makes what one mapping needs: functions with its tables' names in them, so that PostgreSQL keeps their plans, and
-- triggers. {view}, {key} and so on in the templates are replaced by what replication.mapping says.

create or replace function replication.write_template() returns text
language sql immutable set search_path = pg_catalog, pg_temp
return $template$
create or replace function replication.keys_of_{name}(source_name text, source_keys bigint[]) returns setof bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    {expansions}
end $$;
comment on function replication.keys_of_{name}(text, bigint[]) is 'The keys of all rows of {view} that show these rows of a shared source.';
revoke execute on function replication.keys_of_{name}(text, bigint[]) from public;

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

create or replace function replication.write_{name}(direct_keys bigint[], source_names text[], source_keys bigint[]) returns integer
-- Volatile: each query has to see what was committed while the one before it waited for a lock.
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
-- Values travel as text, which the session of whoever commits must not colour.
set datestyle = 'ISO, MDY' set intervalstyle = 'postgres' set extra_float_digits = 1
-- Everything here is found by key, one key or ten thousand: one plan for all, kept, that goes from index to index.
set plan_cache_mode = force_generic_plan set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    -- One lock space: stripes 0-255 for keys of old rows, 256-511 for rows of shared sources. Stripes instead of a lock a
    -- key, because the lock table holds only a few thousand.
    lock_class constant integer := hashtext('replication');
    all_keys bigint[] := direct_keys;
    -- Many keys meet nearly every stripe, so all are locked and none has to be looked up.
    many boolean;
    few_keys bigint[];
    locked integer[];
    seen text;
    missing integer[];
    chunk bigint[];
    present bigint[];
    projected_row text[];
    projected text[];
    refusals jsonb;
    is_set_aside boolean;
begin
    if cardinality(source_keys) > 0 then
        all_keys := direct_keys || replication.expand_{name}(source_names, source_keys);
    end if;
    many := cardinality(all_keys) > 2000;
    few_keys := case when many then '{}' else all_keys end;

    -- Highest stripe first: shared rows, then keys. All locks of everybody in one order, so nobody waits in a circle.
    -- Whoever changed a shared row excludes those who show it, and they exclude him.
    if many then
        select array_agg(w.stripe) filter (where case when w.exclusive then pg_advisory_xact_lock(lock_class, w.stripe)::text else pg_advisory_xact_lock_shared(lock_class, w.stripe)::text end = '')
          into locked
          from (select g as stripe,
                       g < 256 or g in (select 256 + (hashint8extended(c.key, hashtext(c.name)) & 255) from unnest(source_names, source_keys) c (name, key)) as exclusive
                  from generate_series(511, 0, -1) g
                offset 0) w;
    else
        select array_agg(w.stripe) filter (where case when w.exclusive then pg_advisory_xact_lock(lock_class, w.stripe)::text else pg_advisory_xact_lock_shared(lock_class, w.stripe)::text end = ''),
               pg_current_snapshot()::text
          into locked, seen
          from (select (k & 255)::integer as stripe, true as exclusive from unnest(few_keys) k
                union all
                select s.stripe, false from ({stripes}) s (stripe)
                union all
                select 256 + (hashint8extended(c.key, hashtext(c.name)) & 255)::integer, true from unnest(source_names, source_keys) c (name, key)
                 order by stripe desc, exclusive desc
                offset 0) w;
    end if;

    -- What was committed while this waited, if anything was, may show other rows. The locks for these come out of order: no
    -- waiting for them.
    if seen is distinct from pg_current_snapshot()::text then
        if cardinality(source_keys) > 0 then
            all_keys := direct_keys || replication.expand_{name}(source_names, source_keys);
            few_keys := case when many then '{}' else all_keys end;
        end if;
        loop
            missing := array(select distinct n.stripe
                               from (select s.stripe from ({stripes}) s (stripe) union all select (k & 255)::integer from unnest(few_keys) k) n
                              where n.stripe <> all (locked));
            exit when missing = '{}';
            if exists (select from unnest(missing) s where not case when s < 256 then pg_try_advisory_xact_lock(lock_class, s) else pg_try_advisory_xact_lock_shared(lock_class, s) end) then
                raise exception using errcode = 'lock_not_available', message = 'rows to be replicated are just being moved';
            end if;
            locked := locked || missing;
        end loop;
    end if;

    for start in 1 .. coalesce(cardinality(all_keys), 0) by 10000 loop
        chunk := all_keys[start : start + 9999];
        projected_row := null;
        if cardinality(chunk) = 1 then
            select array[{row_values}], exists (select from replication.set_aside) into projected_row, is_set_aside from {view} v where v.{key} = chunk[1];
        end if;
        if projected_row is not null then
            update replication.inbox
               set target = {old_table}, key_column = {key_name}, columns = {columns}, one_row = projected_row
         returning refused into refusals;
        else
            select coalesce(array_agg(v.{key}), '{}'), array[{column_values}] into present, projected from {view} v where v.{key} = any (chunk);
            update replication.inbox
               set target = {old_table}, key_column = {key_name}, columns = {columns}, column_values = projected,
                   gone = array(select k from unnest(chunk) k except select p from unnest(present) p)
         returning refused into refusals;
        end if;

        if refusals is not null then
            perform replication.set_aside({mapping}, refusals);
        end if;
        if projected_row is null or is_set_aside then
            delete from replication.set_aside s
             where s.mapping = {mapping} and s.key = any (chunk)
               and not exists (select from jsonb_to_recordset(refusals) r (key bigint) where r.key = s.key);
        end if;
    end loop;
    return coalesce(cardinality(all_keys), 0);
end $$;
comment on function replication.write_{name}(bigint[], text[], bigint[]) is
    'Makes the old rows of these keys, and of all that show these shared rows, what {view} shows now. Returns how many.';
revoke execute on function replication.write_{name}(bigint[], text[], bigint[]) from public;
drop function if exists replication.stripes_of_{name}(bigint[]);
$template$;

comment on function replication.write_template() is 'What install() makes for a mapping, with names left open.';
revoke execute on function replication.write_template() from public;

create or replace function replication.capture_template() returns text
language sql immutable set search_path = pg_catalog, pg_temp
return $template$
create or replace function replication.{function}() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    changed bigint[] := array(select c.key from ({changed}) c (key) where c.key is not null);
    earlier bigint[];
begin
    if changed = '{}' then
        return null;
    end if;
    -- Few keys need no entry of the outbox, unless they cannot be written at the commit.
    earlier := nullif(current_setting('replication.changed_{name}', true), '')::bigint[];
    if {owned} and cardinality(changed) <= 100 and coalesce(cardinality(earlier), 0) <= 100
       and current_setting('replication.likely_queues', true) is distinct from 'yes' then
        perform set_config('replication.changed_{name}', (earlier || changed)::text, true);
        if earlier is null then
            perform set_config('replication.changed', concat_ws(',', nullif(current_setting('replication.changed', true), ''), '{name}'), true);
        end if;
        if current_setting('replication.flush_waits', true) is distinct from 'yes' then
            insert into replication.commit_event default values;
        end if;
        return null;
    end if;
    insert into replication.outbox (mapping, source, keys)
    select {mapping}, {source}, changed[start : start + 9999] from generate_series(1, cardinality(changed), 10000) start;
    return null;
end $$;
comment on function replication.{function}() is 'Trigger function: notes what a statement changed in {table}, once a statement, whatever the number of rows.';
revoke execute on function replication.{function}() from public;
drop trigger if exists {trigger} on {table};
create trigger {trigger} {timing} {event} on {table} {transition} for each statement execute function replication.{function}();
$template$;

comment on function replication.capture_template() is 'What install() makes for each event on each source of a mapping, with names left open.';
revoke execute on function replication.capture_template() from public;

create or replace function replication.dispatch_template() returns text
language sql immutable set search_path = pg_catalog, pg_temp
return $template$
create or replace function replication.write_rows(of_mapping text, direct_keys bigint[], source_names text[], source_keys bigint[]) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return case of_mapping {calls} end;
end $$;
comment on function replication.write_rows(text, bigint[], text[], bigint[]) is
    'Makes the old rows of these keys, and of all that show these shared rows, what the mapping shows now. Returns how many.';
revoke execute on function replication.write_rows(text, bigint[], text[], bigint[]) from public;
$template$;

comment on function replication.dispatch_template() is 'What install() makes for all mappings together.';
revoke execute on function replication.dispatch_template() from public;

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
       format('capture_%s_%s', e.event, m.name) as trigger_name,
       format('capture_%s_%s_%s', m.name, split_part(s.key, '.', 2), e.event) as function_name,
       e.*
  from replication.mapping m,
       jsonb_each(m.sources) s,
       lateral (select coalesce(s.value ->> 'key', s.value ->> 'primary_key') as key) k,
       lateral (values
           ('insert', 'after', 'referencing new table as after_rows', format('select c.%I from after_rows c', k.key)),
           -- Rows that an update leaves as they were are no change.
           ('update', 'after', 'referencing old table as before_rows new table as after_rows',
            format('select coalesce(a.%1$I, b.%1$I) from before_rows b full join after_rows a on a.%1$I = b.%1$I where (a.*) is distinct from (b.*)', k.key)),
           ('delete', 'after', 'referencing old table as before_rows', format('select c.%I from before_rows c', k.key)),
           ('truncate', 'before', '', format('select c.%I from %s c', k.key, s.key))) e (event, timing, transition, changed)
 -- A shared row that is new is shown by none yet, and one that is shown cannot be deleted.
 where e.event = 'update' or not s.value ? 'rows';

comment on view replication.capture is 'The statement triggers that install() makes: which table, on what, with which function.';

create view replication.expected_trigger as
select table_name, trigger_name from replication.capture
union all
values ('public.timesheet_new', 'do_dreplicate_to_old_table'), ('replication.commit_event', 'flush_at_commit'), ('replication.outbox', 'flush_at_commit');

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
    row_values text;
    column_values text;
    capture record;
begin
    select * into strict m from replication.mapping where name = mapping_name;
    insert into replication.verification (mapping) values (m.name) on conflict do nothing;

    select string_agg(format('select 256 + (hashint8extended(x.source_key, hashtext(%L)) & 255)::integer from (%s) x where x.key = any (few_keys)',
                             s.key, s.value ->> 'rows'), E'\n                          union all '),
           string_agg(format(E'if source_name = %L then\n        return query select x.key from (%s) x where x.source_key = any (source_keys);\n    end if;',
                             s.key, s.value ->> 'rows'), E'\n    ')
      into stripes, expansions
      from jsonb_each(m.sources) s where s.value ? 'rows';

    -- One array a column: quicker to make, to send and to read than a document a row. An array as a value goes as its text.
    select array_agg(a.attname order by a.attnum),
           string_agg(format('v.%I::text', a.attname), ', ' order by a.attnum),
           string_agg(format('array_agg(v.%I%s)::text', a.attname, case t.typcategory when 'A' then '::text' end), ', ' order by a.attnum)
      into column_names, row_values, column_values
      from pg_attribute a join pg_type t on t.oid = a.atttypid
     where a.attrelid = m.view_name::regclass and a.attnum > 0 and not a.attisdropped;

    execute replication.fill(replication.write_template(), jsonb_build_object(
        'name', m.name, 'mapping', quote_literal(m.name), 'view', m.view_name,
        'key', quote_ident(m.key_column), 'key_name', quote_literal(m.key_column), 'old_table', quote_literal(m.old_table),
        'columns', quote_literal(column_names), 'row_values', row_values, 'column_values', column_values,
        'stripes', coalesce(stripes, 'select null::integer where false'), 'expansions', coalesce(expansions, 'return;')));

    for capture in select * from replication.capture c where c.mapping = m.name
    loop
        execute replication.fill(replication.capture_template(), jsonb_build_object(
            'function', quote_ident(capture.function_name), 'trigger', quote_ident(capture.trigger_name),
            'name', m.name, 'owned', not capture.is_shared, 'mapping', quote_literal(m.name), 'source', case when capture.is_shared then quote_literal(capture.table_name) else 'null' end,
            'changed', capture.changed, 'table', capture.table_name,
            'timing', capture.timing, 'event', capture.event, 'transition', capture.transition));
        perform replication.record_trigger(capture.table_name, capture.trigger_name);
    end loop;

    -- Which function writes which mapping, by name, so that its plans are kept.
    execute replication.fill(replication.dispatch_template(), jsonb_build_object('calls', (
        select string_agg(format('when %L then replication.%I(direct_keys, source_names, source_keys)', n.name, 'write_' || n.name), ' ' order by n.name)
          from replication.mapping n
         where to_regprocedure(format('replication.%I(bigint[], text[], bigint[])', 'write_' || n.name)) is not null)));
end $$;

comment on function replication.install(text) is 'Makes the functions and triggers of a mapping, or makes them anew.';
revoke execute on function replication.install(text) from public;

select replication.install(name) from replication.mapping order by name;
