-- Figures over time: every 15 seconds for two hours, every five minutes for two days, every hour for a year.

create or replace function replication.queue_probe() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    queued bigint;
begin
    -- Where changes are not delivered there is nothing to measure, and what waits already says how long it takes.
    if exists (select from replication.control where mode = 'paused' or breaker = 'open' or authority = 'old' or retired_at is not null)
       or exists (select from replication.outbox) then
        return null;
    end if;
    -- No row has this key: it travels as every change does, and there is nothing to write at its end.
    insert into replication.outbox (mapping, keys)
    select m.name, array[-9223372036854775808] from replication.mapping m order by m.name limit 1
    returning id into queued;
    return queued;
end $$;

comment on function replication.queue_probe() is
    'Queues a change of no row, to see how long it takes to reach the old database. Returns its entry of the outbox, which is gone when it has; null when nothing is delivered now.';
revoke execute on function replication.queue_probe() from public;
grant execute on function replication.queue_probe() to portal_app;

drop function if exists replication.take_sample(double precision);
create or replace function replication.take_sample(read_ms double precision, change_ms double precision, written bigint) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    now_at constant timestamptz := clock_timestamp();
    was replication.sample_counter;
    is_at replication.sample_counter;
    seconds double precision;
    change_rate double precision;
    delivery_rate double precision;
    taken boolean;
begin
    -- The transaction ends with the function: nobody waits long, and nobody counts the same time twice.
    perform pg_advisory_xact_lock(hashtext('replication sample'));
    if exists (select from replication.sample s where s.span_seconds = 15 and s.at = date_bin('15 seconds', now_at, 'epoch')) then
        return false;
    end if;

    select true, now_at,
           coalesce((select sum(t.n_tup_ins + t.n_tup_upd + t.n_tup_del) from pg_stat_all_tables t
             where t.relid in (select to_regclass(k) from replication.mapping m, jsonb_object_keys(m.sources) k)), 0),
           written
      into is_at;
    select * into was from replication.sample_counter;
    seconds := extract(epoch from is_at.at - was.at);
    -- Counters that went back were reset; after a long pause a rate says nothing of now.
    if seconds between 1 and 120 then
        change_rate := case when is_at.changes >= was.changes then (is_at.changes - was.changes) / seconds end;
        delivery_rate := case when is_at.deliveries >= was.deliveries then (is_at.deliveries - was.deliveries) / seconds end;
    end if;
    insert into replication.sample_counter select is_at.*
    on conflict (only_row) do update set at = excluded.at, changes = excluded.changes, deliveries = excluded.deliveries;

    with look as (
        select coalesce((select sum(cardinality(o.keys)) from replication.outbox o), 0) as outbox_keys,
               coalesce(extract(epoch from now_at - (select min(o.queued_at) from replication.outbox o)), 0)::double precision as outbox_seconds,
               (select count(*) from replication.set_aside) as set_aside,
               (select c.breaker = 'open' from replication.control c) as breaker_open,
               coalesce((select sum(v.found_last) from replication.verification v), 0) as differences
    )
    insert into replication.sample as s (span_seconds, at, outbox_keys, outbox_seconds, set_aside, breaker_open, differences, latency_ms, visible_ms, changes, deliveries)
    select k.span, date_bin(make_interval(secs => k.span), now_at, 'epoch'), l.outbox_keys, greatest(l.outbox_seconds, 0), l.set_aside, l.breaker_open, l.differences,
           read_ms, change_ms, change_rate, delivery_rate
      from look l, unnest(array[15, 300, 3600]) k (span)
    on conflict (span_seconds, at) do update
       set samples = s.samples + 1,
           outbox_keys = greatest(s.outbox_keys, excluded.outbox_keys),
           outbox_seconds = greatest(s.outbox_seconds, excluded.outbox_seconds),
           set_aside = greatest(s.set_aside, excluded.set_aside),
           breaker_open = s.breaker_open or excluded.breaker_open,
           differences = greatest(s.differences, excluded.differences),
           latency_ms = coalesce((s.latency_ms * s.samples + excluded.latency_ms) / (s.samples + 1), s.latency_ms, excluded.latency_ms),
           visible_ms = coalesce((s.visible_ms * s.samples + excluded.visible_ms) / (s.samples + 1), s.visible_ms, excluded.visible_ms),
           changes = coalesce((s.changes * s.samples + excluded.changes) / (s.samples + 1), s.changes, excluded.changes),
           deliveries = coalesce((s.deliveries * s.samples + excluded.deliveries) / (s.samples + 1), s.deliveries, excluded.deliveries);
    taken := found;

    delete from replication.sample s
     where s.at < now_at - case s.span_seconds when 15 then interval '2 hours' when 300 then interval '2 days' else interval '1 year' end;
    return taken;
end $$;

comment on function replication.take_sample(double precision, double precision, bigint) is
    'Notes how things are now, unless that was done in these 15 seconds, and forgets what is old. read_ms: time for one read of the old database; change_ms: time until a change is visible there; written: rows of old tables written, as the old server counts them. Null is what is not known.';
revoke execute on function replication.take_sample(double precision, double precision, bigint) from public;
grant execute on function replication.take_sample(double precision, double precision, bigint) to portal_app;
