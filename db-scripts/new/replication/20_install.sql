-- Makes what the mappings need: functions with their tables' names in them, so that PostgreSQL keeps their plans, and
-- triggers. {view}, {key} and so on in the templates are replaced by what replication.mapping says.

create or replace function replication.write_template() returns text
language sql immutable set search_path = pg_catalog, pg_temp
return $template$
create or replace function replication.expand_{name}(source_names text[], source_keys bigint[]) returns bigint[]
-- Volatile: it has to see what was committed while the query before it waited for a lock.
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    shown bigint[] := '{}'::bigint[];
begin
    {expansions}
    -- In order, so that many are found side by side on both sides.
    return array(select distinct k from unnest(shown) k order by k);
end $$;
comment on function replication.expand_{name}(text[], bigint[]) is 'The keys of all rows of {view} that show any of these shared rows.';
revoke execute on function replication.expand_{name}(text[], bigint[]) from public;

-- As it was before.
drop function if exists replication.lock_missing_{name}(bigint[], integer[]);
create or replace function replication.lock_missing_{name}(few_keys bigint[], locked integer[]) returns integer[]
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    lock_class constant integer := hashtext('replication');
    missing integer[];
begin
    loop
        missing := array(select distinct n.stripe
                           from (select s.stripe from ({stripes}) s (stripe) union all select (k & 255)::integer from unnest(few_keys) k) n
                          where n.stripe <> all (locked));
        exit when missing = '{}';
        if exists (select from unnest(missing) s where not case when s >= 0 then pg_try_advisory_xact_lock(lock_class, s) else pg_try_advisory_xact_lock_shared(lock_class, s) end) then
            raise exception using errcode = 'lock_not_available', message = 'rows to be replicated are just being moved';
        end if;
        locked := locked || missing;
    end loop;
    return locked;
end $$;
comment on function replication.lock_missing_{name}(bigint[], integer[]) is
    'Locks what these keys show beyond the stripes that are locked, until that is all, and returns what is locked then. These locks come out of order: it does not wait for them, and fails if it would have to.';
revoke execute on function replication.lock_missing_{name}(bigint[], integer[]) from public;

create or replace function replication.write_{name}(direct_keys bigint[], source_names text[], source_keys bigint[]) returns integer
-- Volatile: each query has to see what was committed while the one before it waited for a lock.
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
-- Values travel as text, which the session of whoever commits must not colour.
set datestyle = 'ISO, MDY' set intervalstyle = 'postgres' set extra_float_digits = 1
-- Everything is found by key, one key or ten thousand: one plan for all, that goes from index to index.
set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    -- One lock space: stripes 0-255 for keys of old rows, negative ones for rows of shared sources. Stripes instead of a lock
    -- a key, because the lock table holds only a few thousand.
    lock_class constant integer := hashtext('replication');
    all_keys bigint[] := direct_keys;
    -- Many keys meet nearly every stripe, so all are locked and none has to be looked up.
    many boolean;
    few_keys bigint[];
    locked integer[];
    -- Before the first look for keys.
    seen constant text := pg_current_snapshot()::text;
    chunk bigint[];
    present bigint[];
    missing bigint[];
    projected text[];
    refusals jsonb;
    any_set_aside boolean;
begin
    if cardinality(source_keys) > 0 then
        all_keys := direct_keys || replication.expand_{name}(source_names, source_keys);
    end if;
    many := cardinality(all_keys) > 2000;
    few_keys := case when many then '{}' else all_keys end;

    -- Lowest stripe first: shared rows, then keys. All locks of everybody in one order, so nobody waits in a circle.
    -- Whoever changed a shared row excludes those who show it, and they exclude him.
    if many then
        select array_agg(w.stripe) filter (where case when w.exclusive then pg_advisory_xact_lock(lock_class, w.stripe)::text else pg_advisory_xact_lock_shared(lock_class, w.stripe)::text end = '')
          into locked
          from (select g as stripe,
                       g >= 0 or g in (select {stripe_of_source} from unnest(source_names, source_keys) c (name, key)) as exclusive
                  from generate_series(-256, 255) g
                offset 0) w;
    else
        select array_agg(w.stripe) filter (where case when w.exclusive then pg_advisory_xact_lock(lock_class, w.stripe)::text else pg_advisory_xact_lock_shared(lock_class, w.stripe)::text end = '')
          into locked
          from (select (k & 255)::integer as stripe, true as exclusive from unnest(few_keys) k
                union all
                select s.stripe, false from ({stripes}) s (stripe)
                union all
                select {stripe_of_source}, true from unnest(source_names, source_keys) c (name, key)
                 order by stripe, exclusive desc
                offset 0) w;
    end if;

    -- What was committed while this waited, if anything was, may show other rows. The locks for these come out of order: no
    -- waiting for them.
    if seen <> pg_current_snapshot()::text then
        if cardinality(source_keys) > 0 then
            all_keys := direct_keys || replication.expand_{name}(source_names, source_keys);
            few_keys := case when many then '{}' else all_keys end;
        end if;
        perform replication.lock_missing_{name}(few_keys, locked);
    end if;

    for start in 1 .. coalesce(cardinality(all_keys), 0) by 10000 loop
        chunk := all_keys[start : start + 9999];
        missing := null;
        select coalesce(array_agg(v.{key}), '{}'), array[{column_values}], exists (select from replication.set_aside)
          into present, projected, any_set_aside
          from {view} v where v.{key} = any (chunk);
        if cardinality(present) < cardinality(chunk) then
            missing := array(select k from unnest(chunk) k except select p from unnest(present) p);
        end if;
        update replication.inbox set layout = {layout}, column_values = projected, gone = missing
     returning refused into refusals;

        if refusals is not null then
            perform replication.set_aside({mapping}, refusals);
        end if;
        if any_set_aside then
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
-- As it was before.
drop function if exists replication.stripes_of_{name}(bigint[]);
drop function if exists replication.keys_of_{name}(text, bigint[]);
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
    if changed = '{}' or set_config('sync.more', 'y', true) is null then
        return null;
    end if;
    -- Few keys need no entry of the outbox, unless they cannot be written at the commit.
    earlier := nullif(current_setting('replication.{setting}', true), '')::bigint[];
    if cardinality(changed) > 100 or cardinality(earlier) > 100 or current_setting('replication.likely_queues', true) = 'yes' then
        insert into replication.outbox (mapping, source, keys)
        select {mapping}, {source}, changed[start : start + 9999] from generate_series(1, cardinality(changed), 10000) start;
        return null;
    end if;

    -- Conditions, because PERFORM would run a query.
    if set_config('replication.{setting}', (earlier || changed)::text, true) is null {note_source} then
    end if;
    if '{name}' <> all (string_to_array(coalesce(current_setting('replication.changed', true), ''), ','))
       and set_config('replication.changed', concat_ws(',', nullif(current_setting('replication.changed', true), ''), '{name}'), true) is null then
    end if;
    if current_setting('replication.flush_waits', true) is distinct from 'yes' and set_config('replication.flush_waits', 'yes', true) = 'yes' then
        insert into replication.commit_event default values;
    end if;
    return null;
end $$;
comment on function replication.{function}() is 'Trigger function: notes what a statement changed in {table}, once a statement, whatever the number of rows.';
revoke execute on function replication.{function}() from public;
drop trigger if exists {trigger} on {table};
create trigger {trigger} {timing} {event} on {table} {transition} for each statement {condition} execute function replication.{function}();
$template$;

comment on function replication.capture_template() is 'What install() makes for each event on each source of a mapping, with names left open.';
revoke execute on function replication.capture_template() from public;

create or replace function replication.shown_template() returns text
language sql immutable set search_path = pg_catalog, pg_temp
return $template$
create or replace function replication.{function}(source_key bigint) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
-- From index to index; a bitmap would read again and again what has moved away.
set enable_seqscan = off set enable_bitmapscan = off set enable_memoize = off set jit = off
as $$
declare
    own_stripe constant integer := {own_stripe};
    few record;
    locked integer[];
    stripe integer;
    refusals jsonb;
begin
    -- The lowest of its locks, so it may be waited for before anything is known; for one who waits for a broken link nobody waits.
    if not pg_try_advisory_xact_lock(hashtext('replication'), own_stripe) then
        perform pg_advisory_xact_lock(hashtext('replication'), own_stripe) from replication.control c where c.at_commit;
        if not found then
            return false;
        end if;
    end if;
    loop
        -- Others may still move away, or be changed, until they are locked. The limit, and the condition that says the same twice,
        -- have the planner expect few rows, whatever is usual: it might read the whole table otherwise.
        select c.at_commit, pg_current_snapshot()::text as seen, s.* into few
          from replication.control c,
               (select {others_stripes}array_agg(distinct (v.{key} & 255)::integer) as stripes,
                       count(*) > 100 or exists (select from replication.set_aside) as needs_more, array_agg(v.{key}) as keys, array[{column_values}] as projected
                  from (select v.* from {row_view} v where v.{column} = source_key and v.{column} between source_key and source_key limit 101) v) s;
        if not few.at_commit then
            return false;
        end if;
        -- Many rows, or some that had been refused: without this lock, which is not the lowest of those that they need.
        if few.needs_more then
            raise exception 'more than a short way can take';
        end if;

        if locked is null then
            -- The locks of write_{name}(), in its order.
            foreach stripe in array coalesce(few.stripes, '{}') loop
                if (case when stripe >= 0 then pg_advisory_xact_lock(hashtext('replication'), stripe)::text else pg_advisory_xact_lock_shared(hashtext('replication'), stripe)::text end) is null then
                end if;
            end loop;
            locked := own_stripe || few.stripes;
            exit when few.seen = pg_current_snapshot()::text;
        else
            exit when few.stripes is null or few.stripes <@ locked;
            locked := replication.lock_missing_{name}(few.keys, locked);
        end if;
    end loop;

    if few.keys is not null then
        update replication.inbox set layout = {layout}, column_values = few.projected returning refused into refusals;
        if refusals is not null then
            perform replication.set_aside({mapping}, refusals);
        end if;
    end if;
    return true;
end $$;
comment on function replication.{function}(bigint) is
    'Makes all old rows that show this row of {source_name} what {row_view} shows now. Returns false if that is not to be done at the commit.';
revoke execute on function replication.{function}(bigint) from public;
$template$;

comment on function replication.shown_template() is 'What install() makes for each shared source of a mapping, with names left open.';
revoke execute on function replication.shown_template() from public;

create or replace function replication.flush_template() returns text
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

comment on function replication.flush_template() is 'What install() makes for all mappings together.';
revoke execute on function replication.flush_template() from public;

create or replace function replication.trigger_template() returns text
language sql immutable set search_path = pg_catalog, pg_temp
return $template$
create or replace function {function}() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
-- Others hold the locks from their flush to the end of their commit, some milliseconds. Whoever waits longer has met
-- something unusual and leaves its keys in the outbox, well before PostgreSQL would look for a deadlock.
set lock_timeout = '250ms'
set plan_cache_mode = force_generic_plan
as $$
declare
    -- Mapping, key, "new", "moved", "same" or table.
    pending constant text[] := string_to_array(current_setting('sync.only', true), ' ');
    only_row record;
    stripes integer[];
    seen text;
    locked integer[];
    stripe integer;
    is_locked boolean := true;
    takes_long_way boolean := false;
    context text;
begin
    <<attempt>>
    loop
        -- Conditions instead of PERFORM, which would run a query, and few of them: each takes a microsecond or two.
        begin
            if set_config('replication.flush_waits', 'no', true) is null or takes_long_way or pending[2] is null
               or concat(current_setting('sync.more', true), current_setting('replication.queued', true)) like '%y%'
               or current_setting('transaction_isolation') <> 'read committed' then
                exit attempt when replication.flush_many();
            {only_rows}
            elsif replication.flush_many() then
                exit attempt;
            end if;
            perform replication.queue_changed();
            -- The session's next transactions put it there at once.
            perform set_config('replication.likely_queues', 'yes', false);
            exit attempt;
        exception
            when others or query_canceled then
                get stacked diagnostics context = pg_exception_context;
                if not takes_long_way and sqlstate ~ '^(22|23|44|P0001)' then
                    -- Once more, in the way that takes many rows, tells which are refused, and sets them aside.
                    takes_long_way := true;
                else
                    perform replication.queue_changed();
                    perform set_config('sync.only', 'seen', true);
                    if sqlstate not like '40%' and (sqlstate like '08%' or sqlstate = '2F003' or context like '%remote SQL command%') then
                        perform replication.not_written(sqlstate, sqlerrm);
                    else
                        perform pg_notify('replication_outbox', '');
                    end if;
                    exit attempt;
                end if;
        end;
    end loop;
    {after}
    return null;
end $$;
comment on function {function}() is
    'Trigger function: at the end of a transaction that {purpose}, writes what it has changed to the old database; what cannot be written is put into the outbox.';
revoke execute on function {function}() from public;
$template$;

comment on function replication.trigger_template() is 'What install() makes for all mappings together: the functions that run at commit.';
revoke execute on function replication.trigger_template() from public;

create or replace function replication.shared_row_template() returns text
language sql immutable set search_path = pg_catalog, pg_temp
return $template$elsif pending[1] = '{name}' and pending[3] in ({short_sources}) then
                exit attempt when case pending[3] {shown} end and set_config('sync.only', 'seen', true) = 'seen';
            $template$;

comment on function replication.shared_row_template() is 'What is done at the commit of a transaction that changed one shared row.';
revoke execute on function replication.shared_row_template() from public;

create or replace function replication.only_row_template() returns text
language sql immutable set search_path = pg_catalog, pg_temp
return $template$elsif pending[1] = '{name}' and coalesce(pending[3], 'same') in ('same', 'moved', 'new') then
                if coalesce(pending[3], 'same') = 'same' then
                    -- Who made this row show what it shows has locked that.
                    if not pg_try_advisory_xact_lock(hashtext('replication'), (pending[2]::bigint & 255)::integer) then
                        -- Somebody is writing it; for one who waits for a broken link nobody waits.
                        perform pg_advisory_xact_lock(hashtext('replication'), (pending[2]::bigint & 255)::integer) from replication.control c where c.at_commit;
                        is_locked := found;
                    end if;
                    select c.at_commit and is_locked as at_commit, exists (select from replication.set_aside) as any_set_aside, {row_values}
                      into only_row
                      from replication.control c left join {row_view} v on v.{key} = pending[2]::bigint;
                else
                    loop
                        if locked is null and pending[3] = 'moved' then
                            -- A short look first: others are likely to be changing what it shows.
                            select {shown_stripes}, null into stripes, seen from replication.control c, ({shows}) x where c.at_commit and x.key = pending[2]::bigint;
                        else
                            select c.at_commit, exists (select from replication.set_aside) as any_set_aside, {row_values},
                                   {row_stripes} as stripes, pg_current_snapshot()::text as seen
                              into only_row
                              from replication.control c left join {row_view} v on v.{key} = pending[2]::bigint;
                            exit when not only_row.at_commit or only_row.{key} is null or only_row.stripes <@ locked;
                            stripes := only_row.stripes;
                            seen := only_row.seen;
                        end if;
                        if locked is not null then
                            locked := replication.lock_missing_{name}(array[pending[2]::bigint], locked);
                        else
                            locked := coalesce(stripes, '{}');
                            foreach stripe in array locked loop
                                if (case when stripe >= 0 then pg_advisory_xact_lock(hashtext('replication'), stripe)::text else pg_advisory_xact_lock_shared(hashtext('replication'), stripe)::text end) is null then
                                end if;
                            end loop;
                            -- What was committed meanwhile, if anything was, may have changed what it shows.
                            exit when seen = pg_current_snapshot()::text;
                        end if;
                    end loop;
                end if;
                if only_row.at_commit and not only_row.any_set_aside and only_row.{key} is not null and set_config('sync.only', 'seen', true) = 'seen' then
                    if pending[3] is null then
                        update {foreign_table} set {other_assignments} where {key} = only_row.{key};
                        exit attempt when found;
                    end if;
                    -- It is new, or as it was before, perhaps, or not there.
                    update replication.{row_inbox} set {assignments};
                    exit attempt;
                end if;
                exit attempt when only_row.at_commit and replication.flush_many();
            $template$;

comment on function replication.only_row_template() is
    'What is done at the commit of a transaction that changed one row of a mapping that has a row_view: the locks of write_<name>(), and one look at all that matters.';
revoke execute on function replication.only_row_template() from public;

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

-- As they were before.
drop function if exists replication.row_condition(replication.capture, text[]);
drop function if exists replication.row_trigger_values(replication.capture, replication.mapping);
drop view if exists replication.expected_trigger;
drop view if exists replication.capture;

create view replication.capture as
select m.name as mapping,
       s.key as table_name,
       s.value ? 'shown_as' as is_shared,
       k.key,
       format('capture_%s_%s', e.event, m.name) as trigger_name,
       format('capture_%s_%s_%s', m.name, split_part(s.key, '.', 2), e.event) as function_name,
       format('noted_%s_%s_%s', m.name, split_part(s.key, '.', 2), e.event) as noted_name,
       case when e.event = 'update' and s.key not like '% %'
                 and exists (select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
                              where i.indrelid = to_regclass(s.key) and i.indisprimary and i.indnatts = 1 and a.attname = k.key)
            then 'flush_update_' || m.name
            when e.event = 'insert' and (m.name, s.key) = ('timesheet_old', 'public.timesheet_new') then 'do_dreplicate_to_old_table' end as row_trigger_name,
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
 where e.event = 'update' or not s.value ? 'shown_as';

comment on view replication.capture is
    'The triggers that install() makes: which table, on what, with which function. The one for each statement notes its rows, the one for each row a row that is the only one, and has the transaction flush at its commit.';

create view replication.expected_trigger as
select e.table_name, e.trigger_name
  from (select table_name, trigger_name from replication.capture
        union all
        select table_name, row_trigger_name from replication.capture where row_trigger_name is not null
        union all
        values ('replication.commit_event', 'flush_at_commit'), ('replication.outbox', 'flush_at_commit')) e
 where not exists (select from replication.control where retired_at is not null);

comment on view replication.expected_trigger is 'Every trigger that the replication needs; none after retire().';

grant select on replication.capture, replication.expected_trigger to portal_app;

create or replace function replication.columns_that_move(m replication.mapping) returns table (table_name regclass, columns text[])
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
begin
    if m.shows is null then
        return;
    end if;
    -- PostgreSQL knows what a view reads.
    execute format('create temporary view shown_by_mapping as %s', m.shows);
    return query
        select d.refobjid::regclass, array_agg(distinct a.attname::text)
          from pg_rewrite r
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
          join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
         where r.ev_class = to_regclass('pg_temp.shown_by_mapping') and d.refobjsubid > 0
         group by d.refobjid;
    execute 'drop view pg_temp.shown_by_mapping';
end $$;

comment on function replication.columns_that_move(replication.mapping) is
    'Which columns of which tables decide what shared rows an old row shows: all that the mapping''s query for that reads.';
revoke execute on function replication.columns_that_move(replication.mapping) from public;

create or replace function replication.shared_sources(m replication.mapping)
    returns table (n bigint, source text, shown_as text, is_mover boolean, stripe text, function_name text, has_short_way boolean)
language sql volatile security invoker set search_path = pg_catalog, pg_temp
as $$
    with shared as (
        select row_number() over (order by moves.it desc, s.key) as n, count(*) over () as sources, s.key as source, s.value ->> 'shown_as' as shown_as, moves.it
          from jsonb_each(m.sources) s,
               lateral (select exists (select from replication.columns_that_move(m) c
                                        where c.table_name = s.key::regclass and c.columns <> array[s.value ->> 'primary_key']) as it) moves
         where s.value ? 'shown_as'
    )
    select h.n, h.source, h.shown_as, h.it,
           format('%s + (hashint8extended(%%s, 0) & 1023)::integer %%%% %s', -256 + (h.n - 1) * (256 / h.sources), 256 / h.sources),
           format('write_showing_%s_%s', m.name, h.shown_as),
           -- Of those that decide what others a row shows, only the first one's lock is below all that it needs.
           m.row_view is not null and (h.n = 1 or not h.it)
      from shared h
     order by h.n
$$;

comment on function replication.shared_sources(replication.mapping) is
    'The shared sources of a mapping in the order of their locks: those first that decide what others a row shows. With the expression for the stripe that is locked for one of its rows, where the key is to be filled in, and the function that writes all that show one of its rows, if that has a short way.';
revoke execute on function replication.shared_sources(replication.mapping) from public;
-- As it was before.
drop function if exists replication.shared_stripe(replication.mapping, text, text);

create or replace function replication.template_values(m replication.mapping) returns jsonb
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    found jsonb;
begin
    select jsonb_build_object(
               'shows', coalesce(m.shows, 'select k.key from unnest(few_keys) k (key)'),
               'shown_stripes', format('array_remove(array[%s(x.key & 255)::integer], null)', string_agg(format(s.stripe, format('x.%I', s.shown_as)) || ', ', '' order by s.n)),
               'row_stripes', format('array_remove(array[%s(pending[2]::bigint & 255)::integer], null)', string_agg(format(s.stripe, format('v.%I', s.shown_as)) || ', ', '' order by s.n)),
               'stripes', coalesce('select s.stripe from (' || m.shows || ') x, lateral (values ' || string_agg(format('(%s)', format(s.stripe, format('x.%I', s.shown_as))), ', ') || ') s (stripe) where x.key = any (few_keys)',
                                   'select null::integer where false'),
               'stripe_of_source', coalesce('case c.name ' || string_agg(format('when %L then %s', s.source, format(s.stripe, 'c.key')), ' ') || ' end', 'null::integer'),
               'short_sources', string_agg(quote_literal(s.source), ', ') filter (where s.has_short_way),
               'shown', coalesce(string_agg(format('when %L then replication.%I(pending[2]::bigint)', s.source, s.function_name), ' ') filter (where s.has_short_way), 'when null then false'),
               'expansions', coalesce(string_agg(format(E'if %L = any (source_names) then\n        shown := shown || array(select x.key from (%s) x where x.%I in (select c.key from unnest(source_names, source_keys) c (name, key) where c.name = %1$L));\n    end if;',
                                       s.source, m.shows, s.shown_as), E'\n    '), ''))
      into found
      from replication.shared_sources(m) s;

    -- One array a column: quicker to make, to send and to read than a document a row. An array as a value goes as its text.
    return found || (
        select jsonb_build_object(
                   'name', m.name, 'mapping', quote_literal(m.name), 'view', m.view_name, 'row_view', m.row_view, 'foreign_table', m.foreign_table,
                   'row_inbox', quote_ident('inbox_' || m.name),
                   'key', quote_ident(m.key_column),
                   'layout', quote_literal(array[m.old_table, m.key_column] || array_agg(a.attname::text order by a.attnum)),
                   'row_values', string_agg(format('v.%I', a.attname), ', ' order by a.attnum),
                   'assignments', string_agg(format('%1$I = only_row.%1$I', a.attname), ', ' order by a.attnum),
                   'other_assignments', string_agg(format('%1$I = only_row.%1$I', a.attname), ', ' order by a.attnum) filter (where a.attname <> m.key_column),
                   'column_values', string_agg(format('array_agg(v.%I%s)::text', a.attname, case t.typcategory when 'A' then '::text' end), ', ' order by a.attnum))
          from pg_attribute a join pg_type t on t.oid = a.atttypid
         where a.attrelid = m.view_name::regclass and a.attnum > 0 and not a.attisdropped);
end $$;

comment on function replication.template_values(replication.mapping) is 'What the templates leave open for a mapping.';
revoke execute on function replication.template_values(replication.mapping) from public;

create or replace function replication.columns_read(m replication.mapping, of_table regclass) returns text[]
language sql stable security invoker set search_path = pg_catalog, pg_temp
as $$
    with recursive read (view) as (
        select m.view_name::regclass::oid
        union
        select d.refobjid
          from read
          join pg_rewrite r on r.ev_class = read.view
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
          join pg_class c on c.oid = d.refobjid and c.relkind = 'v'
    )
    -- A whole row is no column that PostgreSQL would note.
    select case when not bool_or(r.ev_action::text ~ ':varattno 0 ') then array_agg(distinct a.attname::text order by a.attname::text) filter (where a.attname is not null) end
      from read
      join pg_rewrite r on r.ev_class = read.view
      left join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass and d.refobjid = of_table
      left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid and a.attnum > 0
$$;

comment on function replication.columns_read(replication.mapping, regclass) is
    'Which columns of a table the mapping''s view reads itself, so what changes nothing else changes no old row, as a rule; null if that cannot be told.';
revoke execute on function replication.columns_read(replication.mapping, regclass) from public;

create or replace function replication.row_trigger_template() returns text
language sql immutable set search_path = pg_catalog, pg_temp
return $template$
create or replace function replication.{noted}({rows}) returns boolean
language plpgsql volatile security invoker set search_path = pg_catalog, pg_temp
as $$
begin
    return {changed}case when coalesce(current_setting('sync.only', true), '') = '' {only}
                         then set_config('sync.only', concat_ws(' ', {mapping}, new_row.{key}{what}), true)
                         else nullif(set_config('sync.more', 'y', true), 'y') end <> '';
end $$;
comment on function replication.{noted}({types}) is
    'Whether the transaction flushes for this row of {table}; on the way it notes the row. Called by the trigger''s condition, with the rights of whoever writes.';
$template$;

comment on function replication.row_trigger_template() is
    'What install() makes for each trigger for each row. A function, because PostgreSQL reads a condition anew for every statement, byte by byte.';
revoke execute on function replication.row_trigger_template() from public;

create or replace function replication.row_trigger_values(of_capture replication.capture, m replication.mapping) returns jsonb
language plpgsql stable security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    is_update constant boolean := of_capture.event = 'update';
    -- A table cannot be altered or truncated while one of its own triggers waits, so for who may do that another one waits.
    may_alter constant text := (select format('pg_has_role(%L, ''usage'')', c.relowner::regrole) from pg_class c where c.oid = of_capture.table_name::regclass);
    moves text[];
    reads text[];
begin
    if not of_capture.is_shared then
        select v.columns into moves from replication.columns_that_move(m) v where v.table_name = of_capture.table_name::regclass;
        reads := replication.columns_read(m, of_capture.table_name::regclass);
    end if;
    return jsonb_build_object(
        'noted', quote_ident(of_capture.noted_name), 'table', of_capture.table_name, 'mapping', quote_literal(of_capture.mapping), 'key', quote_ident(of_capture.key),
        'rows', case when is_update then format('old_row %s, ', of_capture.table_name) else '' end || format('new_row %s', of_capture.table_name),
        'types', case when is_update then of_capture.table_name || ', ' else '' end || of_capture.table_name,
        'changed', case when is_update then 'old_row is distinct from new_row and ' else '' end,
        'only', case when is_update then format('and old_row.%1$I = new_row.%1$I and not %2$s', of_capture.key, may_alter) else '' end,
        'what', case when of_capture.is_shared then format(', %L', of_capture.table_name)
                     when not is_update then ', ''new'''
                     else format(', case %s %s end',
                              coalesce('when ' || replication.differs(array_remove(moves, of_capture.key)) || ' then ''moved''', ''),
                              -- Of what cannot be told nothing is said.
                              coalesce('when not ' || replication.differs(array_remove(reads, of_capture.key)) || ' then ''same''', 'when false then null')) end);
end $$;

comment on function replication.row_trigger_values(replication.capture, replication.mapping) is 'What row_trigger_template() leaves open for a trigger.';
revoke execute on function replication.row_trigger_values(replication.capture, replication.mapping) from public;

create or replace function replication.differs(columns text[]) returns text
language sql immutable set search_path = pg_catalog, pg_temp
as $$
    select format('(row (%s) is distinct from row (%s))', string_agg(format('old_row.%I', c), ', '), string_agg(format('new_row.%I', c), ', '))
      from unnest(columns) c
    having count(*) > 0
$$;

comment on function replication.differs(text[]) is 'The condition that one of these columns has changed; null without any.';
revoke execute on function replication.differs(text[]) from public;

create or replace function replication.install(mapping_name text) returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    m replication.mapping;
    shared record;
    capture replication.capture;
    made record;
begin
    -- Retired is for good.
    if exists (select from replication.control where retired_at is not null) then
        return;
    end if;
    select * into strict m from replication.mapping where name = mapping_name;
    insert into replication.verification (mapping) values (m.name) on conflict do nothing;
    execute replication.fill(replication.write_template(), replication.template_values(m));
    for shared in select * from replication.shared_sources(m) s loop
        if not shared.has_short_way then
            execute format('drop function if exists replication.%I(bigint)', shared.function_name);
            continue;
        end if;
        execute replication.fill(replication.shown_template(), replication.template_values(m) || jsonb_build_object(
            'function', shared.function_name, 'column', quote_ident(shared.shown_as),
            'source', quote_literal(shared.source), 'source_name', shared.source,
            'own_stripe', format(shared.stripe, 'source_key'),
            -- What decides nothing leaves those others shown that were shown.
            'others_stripes', coalesce((select string_agg(format('array_remove(array_agg(distinct %s), null) || ', format(s.stripe, format('v.%I', s.shown_as))), '' order by s.n)
                                          from replication.shared_sources(m) s where shared.is_mover and s.source <> shared.source), '')));
    end loop;
    -- Which function writes which mapping, by name, so that its plans are kept.
    execute replication.fill(replication.flush_template(), (
        select jsonb_build_object('calls', string_agg(format('when %L then replication.%I(direct_keys, source_names, source_keys)', n.name, 'write_' || n.name), ' ' order by n.name))
          from replication.mapping n
         where to_regprocedure(format('replication.%I(bigint[], text[], bigint[])', 'write_' || n.name)) is not null));
    for made in
        select * from (values
            ('public.new_records_inserted', 'inserted timesheets', ''),
            ('replication.flush_updated', 'updated a source table', ''),
            ('replication.flush_at_commit', 'queued anything', ''),
            ('replication.flush_event', 'changed a source table', 'delete from replication.commit_event where ctid = new.ctid;')) v (function, purpose, after)
    loop
        execute replication.fill(replication.trigger_template(), jsonb_build_object(
            'function', made.function, 'purpose', made.purpose, 'after', made.after,
            'only_rows', (select string_agg(replication.fill(case when n.row_view is null then '' else replication.only_row_template() end, replication.template_values(n)), '' order by n.name)
                                 || string_agg(replication.fill(case when n.row_view is null or n.shows is null then '' else replication.shared_row_template() end, replication.template_values(n)), '' order by n.name)
                            from replication.mapping n
                           where to_regprocedure(format('replication.%I(bigint[], text[], bigint[])', 'write_' || n.name)) is not null)));
    end loop;

    for capture in select * from replication.capture c where c.mapping = m.name
    loop
        execute replication.fill(replication.capture_template(), jsonb_build_object(
            'function', quote_ident(capture.function_name), 'trigger', quote_ident(capture.trigger_name), 'name', m.name, 'mapping', quote_literal(m.name),
            'setting', case when capture.is_shared then 'shared_keys_' else 'changed_' end || m.name,
            'note_source', case when capture.is_shared then
                replication.fill($note$
       or set_config('replication.shared_{name}', (coalesce(nullif(current_setting('replication.shared_{name}', true), ''), '{}')::text[] || array_fill({source}::text, array[cardinality(changed)]))::text, true) is null$note$,
                    jsonb_build_object('name', m.name, 'source', quote_literal(capture.table_name))) else '' end,
            'source', case when capture.is_shared then quote_literal(capture.table_name) else 'null' end,
            'changed', capture.changed, 'table', capture.table_name, 'timing', capture.timing, 'event', capture.event, 'transition', capture.transition,
            -- What the trigger for each row has noted is noted.
            'condition', case when capture.row_trigger_name is not null then 'when (current_setting(''sync.more'', true) = ''y'')' else '' end));
        perform replication.record_trigger(capture.table_name, capture.trigger_name);
        if capture.row_trigger_name is not null then
            execute replication.fill(replication.row_trigger_template(), replication.row_trigger_values(capture, m));
            perform replication.make_flush_trigger(capture.row_trigger_name, capture.event, capture.table_name,
                case capture.event when 'insert' then 'public.new_records_inserted' else 'replication.flush_updated' end,
                format('replication.%I(%s)', capture.noted_name, case capture.event when 'update' then 'old, new' else 'new' end));
        end if;
    end loop;
end $$;

comment on function replication.install(text) is 'Makes the functions and triggers of a mapping, or makes them anew.';
revoke execute on function replication.install(text) from public;

select replication.install(name) from replication.mapping order by name;

do $$
begin
    if exists (select from replication.control where retired_at is not null) then
        return;
    end if;
    perform replication.make_flush_trigger('flush_at_commit', 'insert', 'replication.outbox', 'replication.flush_at_commit',
        -- One event a transaction flushes for all: the first entry's.
        $condition$set_config('replication.queued', 'yes', true) = 'yes' and current_setting('replication.flush_waits', true) is distinct from 'yes'
          and set_config('replication.flush_waits', 'yes', true) = 'yes'$condition$);
    -- Who puts a row there has asked first.
    drop trigger if exists flush_at_commit on replication.commit_event;
    create constraint trigger flush_at_commit after insert on replication.commit_event deferrable initially deferred
        for each row execute function replication.flush_event();
    perform replication.record_trigger('replication.commit_event', 'flush_at_commit');
end $$;
-- As it was before.
drop function if exists replication.flush();
