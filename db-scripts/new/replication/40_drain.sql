-- What happens outside the users' transactions: emptying the outbox, checking, switching.

create or replace function replication.drain(max_keys integer default 10000) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
-- As in write_<mapping>().
set plan_cache_mode = force_generic_plan set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    ids bigint[];
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception using errcode = 'invalid_transaction_state', message = 'drain() needs a transaction in READ COMMITTED';
    end if;
    if exists (select from replication.control where mode = 'paused' or authority = 'old') then
        return 0;
    end if;

    -- Several may drain at once, each what no other has taken.
    with free as materialized (
        select o.id, cardinality(o.keys) as keys from replication.outbox o order by o.id limit max_keys for update skip locked
    ), running as (
        select f.id, sum(f.keys) over (order by f.id) - f.keys as before from free f
    )
    select array_agg(r.id) into ids from running r where r.before < max_keys;

    return case when ids is null then 0 else replication.write_queued(ids) end;
end $$;

comment on function replication.drain(integer) is
    'Writes about so many keys of the outbox to the old database and returns how many; 0 when there was nothing to do. Repeat it until then. Fails if the old database cannot be written.';
revoke execute on function replication.drain(integer) from public;
grant execute on function replication.drain(integer) to portal_app;

create or replace function replication.retry_set_aside() returns bigint
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    with due as (
        update replication.set_aside set next_attempt_at = now() + interval '1 hour' where next_attempt_at <= now() returning mapping, key
    ), queued as (
        insert into replication.outbox (mapping, keys) select mapping, array_agg(key) from due group by mapping returning cardinality(keys) as keys
    )
    select coalesce(sum(keys), 0) from queued;
$$;

comment on function replication.retry_set_aside() is 'Queues the refused rows whose time to try again has come; returns how many.';
revoke execute on function replication.retry_set_aside() from public;
grant execute on function replication.retry_set_aside() to portal_app;

create or replace function replication.link_restored() returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    update replication.control set breaker = 'closed', breaker_since = clock_timestamp() where breaker = 'open';
$$;

comment on function replication.link_restored() is 'Closes the breaker: the old database can be written again.';
revoke execute on function replication.link_restored() from public;
grant execute on function replication.link_restored() to portal_app;

create or replace function replication.release_waiting(longer_than interval default '2 seconds') returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
    select count(*) filter (where pg_cancel_backend(a.pid))
      from pg_stat_activity a
     where a.wait_event_type = 'Extension'
       and a.state = 'active'
       and a.query_start < now() - longer_than
       and a.pid in (select l.pid from pg_locks l
                      where l.locktype = 'advisory' and l.granted and l.classid = (hashtext('replication')::bigint & 4294967295)::oid)
$$;

comment on function replication.release_waiting(interval) is
    'Cancels the wait of those who have been waiting for an answer of the old database for so long; their keys stay in the outbox and their transactions commit. Returns how many.';
revoke execute on function replication.release_waiting(interval) from public;
grant execute on function replication.release_waiting(interval) to portal_app;

-- Installed by earlier versions.
drop function if exists replication.set_mode(text, text);

create or replace function replication.set_mode(new_mode text, account text, seen_mode text default null) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    old_mode text;
begin
    select mode into old_mode from replication.control for update;
    if old_mode is distinct from new_mode then
        if old_mode <> seen_mode then
            return false;
        end if;
        update replication.control set mode = new_mode;
        insert into replication.audit (account, action, before, after)
        values (account, 'mode', jsonb_build_object('mode', old_mode), jsonb_build_object('mode', new_mode));
    end if;
    return true;
end $$;

comment on function replication.set_mode(text, text, text) is
    'Changes the mode (synchronous, queued or paused) at once, without blocking writers, and notes who did it. Who has looked before says which one it was; if it is another by now, it is left, and false is returned.';
revoke execute on function replication.set_mode(text, text, text) from public;
grant execute on function replication.set_mode(text, text, text) to portal_app;

create or replace function replication.verify(mapping_name text, max_rows integer default 10000, out differences bigint, out finished boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    m replication.mapping;
    v replication.verification;
    last_key bigint;
    differing bigint[];
    others bigint[];
begin
    if (select authority from replication.control) = 'old' then
        return;
    end if;
    select * into strict m from replication.mapping where name = mapping_name;
    select * into v from replication.verification where mapping = mapping_name for update skip locked;
    if not found then
        -- Somebody else is at it.
        return;
    end if;
    -- This transaction has seen the old database as it is now; what it queues is to be written by another one.
    perform set_config('sync.only', 'seen', true);

    -- The slice ends where the first of the two sides has max_rows rows.
    execute format(
        'select least((select v.%1$I from %2$s v where v.%1$I > $1 order by v.%1$I offset $2 - 1 limit 1),
                      (select f.%1$I from %3$s f where f.%1$I > $1 order by f.%1$I offset $2 - 1 limit 1))',
        m.key_column, m.view_name, m.foreign_table)
       into last_key using coalesce(v.next_key, -9223372036854775808), max_rows;

    execute format(
        'select array_agg(coalesce(n.%1$I, o.%1$I))
           from (select * from %2$s v where v.%1$I > $1 and v.%1$I <= $2) n
           full join (select * from %3$s f where f.%1$I > $1 and f.%1$I <= $2) o on o.%1$I = n.%1$I
          -- What was not imported cannot be compared; that it is not is a drift of its own.
          where to_jsonb(n) - $4::text[] is distinct from to_jsonb(o)
            -- What was not taken over from the old table stays there as it is.
            and not exists (select from replication.quarantine q where q.mapping = $3 and q.key = o.%1$I and q.state <> ''taken'')',
        m.key_column, m.view_name, m.foreign_table)
       into differing using coalesce(v.next_key, -9223372036854775808), coalesce(last_key, 9223372036854775807), m.name,
             array(select shown.attname::text from pg_attribute shown
                    where shown.attrelid = m.view_name::regclass and shown.attnum > 0 and not shown.attisdropped
                      and not exists (select from pg_attribute imported
                                       where imported.attrelid = m.foreign_table::regclass and imported.attname = shown.attname and not imported.attisdropped));

    differences := coalesce(cardinality(differing), 0);
    finished := last_key is null;
    if differences > 0 then
        -- What somebody else has written there is for an admin to decide on.
        update replication.others_wrote set target = m.old_table, keys = differing returning written into others;
        differing := array(select k from unnest(differing) k except select k from unnest(others) k);
        if differing <> '{}' then
            insert into replication.outbox (mapping, keys) values (m.name, differing);
        end if;
    end if;
    update replication.verification
       set next_key = last_key,
           started_at = case when v.next_key is null then now() else v.started_at end,
           finished_at = case when last_key is null then clock_timestamp() else v.finished_at end,
           found = case when last_key is null then 0 else v.found + verify.differences end,
           found_last = case when last_key is null then v.found + verify.differences else v.found_last end
     where mapping = m.name;
end $$;

comment on function replication.verify(text, integer) is
    'Compares the next so many rows of old and new and queues those that differ, also ones that are just being changed: writing a row once more does no harm. Those that somebody else has written in the old database are counted and left for an admin to repair. finished says that the round is complete. Both are null when somebody else is comparing, and while the old database is the one that is right.';
revoke execute on function replication.verify(text, integer) from public;
grant execute on function replication.verify(text, integer) to portal_app;
