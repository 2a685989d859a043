-- What is the matter right now, and what was told of it to whom.

create or replace function replication.counted(number numeric, noun text) returns text
language sql immutable security invoker set search_path = pg_catalog, pg_temp
as $$
    select case number when 1 then '1 ' || noun else to_char(number, 'FM999,999,999,999') || ' ' || noun || 's' end
$$;

comment on function replication.counted(numeric, text) is 'So many of something, in words: 1 row, 1,204 rows.';
revoke execute on function replication.counted(numeric, text) from public;
grant execute on function replication.counted(numeric, text) to portal_app;

create or replace function replication.alarm_causes(outbox_limit interval)
returns table (cause text, subject text, text text)
-- Without compiling: see trigger_state().
language sql stable security invoker set search_path = pg_catalog, pg_temp set jit = off
as $$
    select 'breaker', '', format('The old database could not be written (%s), and is tried until it can. Users'' changes are kept and will be delivered.', coalesce(c.error_code, 'no code'))
      from replication.control c where c.breaker = 'open'
    union all
    select 'outbox', '', format('%s for the old database, the oldest for %s.%s', replication.counted(sum(cardinality(o.keys)), 'change') || case sum(cardinality(o.keys)) when 1 then ' waits' else ' wait' end,
                                (select case when w.seconds < 90 then format('%s s', round(w.seconds))
                                             when w.seconds < 5400 then format('%s min', round(w.seconds / 60))
                                             else format('%s h', round(w.seconds / 3600)) end
                                   from (select extract(epoch from clock_timestamp() - min(o.queued_at)) as seconds) w),
                                (select ' Delivery is paused.' from replication.control where mode = 'paused'))
      from replication.outbox o having min(o.queued_at) < clock_timestamp() - outbox_limit
    union all
    select 'set_aside', s.mapping, format('The old database refuses %s of %s, key %s first: %s', replication.counted(count(*), 'row'), s.mapping, min(s.key), min(s.message))
      from replication.set_aside s group by s.mapping
    union all
    select 'trigger', t.table_name, format('On %s: %s.', t.table_name, string_agg(
               format('%s is %s', t.trigger_name, case
                   when 'missing' = any (t.findings) then 'missing'
                   when t.findings && array['disabled', 'replica'] then 'switched off'
                   when t.findings && array['definition', 'function'] then 'changed'
                   else 'firing in the wrong sessions' end), ', ' order by t.trigger_name))
      from replication.trigger_state() t
     -- What several of them call is one cause, not one a table.
     where t.kind in ('replication', 'audit') and t.findings <> '{}' and t.findings <> '{called}'
     group by t.table_name
    union all
    select distinct 'trigger', f.function_name, format('The function %s, which triggers call, is %s.', f.function_name,
               case when f.definition is null then 'missing' else 'not as it was installed' end)
      from replication.changed_functions() f
    union all
    select 'schema', d.foreign_table, format('%s is not as it was imported, or as the mapping has it: %s.', d.remote_table,
               string_agg(d.column_name || ' (' || replace(array_to_string(d.findings, ', '), '_', ' ') || ')', ', ' order by d.column_name))
      from replication.schema_drift() d
     where d.findings <> '{}' and d.findings <> '{left_out}'
     group by d.foreign_table, d.remote_table
    union all
    select 'drift', v.mapping, format('%s of %s differed in the old database when last checked. What the portal has not delivered is written anew; what somebody else has written there is left to an admin.',
                                       replication.counted(greatest(v.found, v.found_last), 'row'), v.mapping)
      from replication.verification v where greatest(v.found, v.found_last) > 0
       and not exists (select from replication.reported_cause r where r.cause = 'drift' and r.subject = v.mapping)
    union all
    select r.cause, r.subject, r.text from replication.reported_cause r
$$;

comment on function replication.alarm_causes(interval) is 'Everything that is a reason for an alarm at this moment; outbox_limit is how long a change may wait.';
revoke execute on function replication.alarm_causes(interval) from public;
grant execute on function replication.alarm_causes(interval) to portal_app;

create or replace function replication.report_cause(of_cause text, of_subject text, found text) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    insert into replication.reported_cause (cause, subject, text) values (of_cause, of_subject, found)
    on conflict (cause, subject) do update set text = excluded.text, reported_at = clock_timestamp()
$$;

comment on function replication.report_cause(text, text, text) is
    'Reports something that no look at the tables shows, such as rows that a comparison found different (drift, the mapping) or somebody else''s writes to the old side (old_written, the table). It stands until withdraw_cause().';
revoke execute on function replication.report_cause(text, text, text) from public;
grant execute on function replication.report_cause(text, text, text) to portal_app;

create or replace function replication.withdraw_cause(of_cause text, of_subject text) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    delete from replication.reported_cause where cause = of_cause and subject = of_subject
$$;

comment on function replication.withdraw_cause(text, text) is 'What was reported has ended.';
revoke execute on function replication.withdraw_cause(text, text) from public;
grant execute on function replication.withdraw_cause(text, text) to portal_app;

create or replace function replication.evaluate_alarms(outbox_limit interval, quiet interval, channels text[]) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    changes bigint;
begin
    -- One at a time, or a cause would be told twice.
    perform pg_advisory_xact_lock(hashtext('replication alarms'));
    with standing as materialized (
        select * from replication.alarm_causes(outbox_limit)
    ), seen as (
        update replication.alarm a set last_seen_at = clock_timestamp(), text = s.text
          from standing s
         where a.resolved_at is null and a.cause = s.cause and a.subject = s.subject
    ), opened as (
        insert into replication.alarm (cause, subject, text)
        select s.cause, s.subject, s.text from standing s
         where not exists (select from replication.alarm a where a.resolved_at is null and a.cause = s.cause and a.subject = s.subject)
        returning id, 'opened' as event
    ), resolved as (
        -- What comes and goes is one alarm, not many.
        update replication.alarm a set resolved_at = clock_timestamp()
         where a.resolved_at is null and a.last_seen_at < clock_timestamp() - quiet
           and not exists (select from standing s where a.cause = s.cause and a.subject = s.subject)
        returning id, 'resolved' as event
    ), changed as (
        select id, event from opened union all select id, event from resolved
    ), told as (
        insert into replication.alarm_delivery (alarm_id, event, channel)
        select c.id, c.event, n.channel from changed c, unnest(channels) n (channel)
    )
    select count(*) into changes from changed;
    if changes > 0 then
        perform pg_notify('replication_alarm', '');
    end if;
    return changes;
end $$;

comment on function replication.evaluate_alarms(interval, interval, text[]) is
    'Opens an alarm for each cause that has none, and resolves those whose cause has been gone for so long (quiet). What is opened or resolved is to be told by each of the channels. Returns how many were.';
revoke execute on function replication.evaluate_alarms(interval, interval, text[]) from public;
grant execute on function replication.evaluate_alarms(interval, interval, text[]) to portal_app;

create or replace function replication.due_deliveries(of_channel text, most integer)
returns table (alarm_id bigint, event text, cause text, subject text, text text, opened_at timestamptz, resolved_at timestamptz)
language sql stable security invoker set search_path = pg_catalog, pg_temp
as $$
    select a.id, d.event, a.cause, a.subject, a.text, a.opened_at, a.resolved_at
      from replication.alarm_delivery d
      join replication.alarm a on a.id = d.alarm_id
     where d.channel = of_channel and d.delivered_at is null and d.next_attempt_at <= clock_timestamp()
       -- The end is not told before the beginning, and nothing that has become history.
       and (d.event = 'opened' or not exists (
           select from replication.alarm_delivery o where o.alarm_id = d.alarm_id and o.channel = d.channel and o.event = 'opened' and o.delivered_at is null))
       and coalesce(a.resolved_at, clock_timestamp()) > clock_timestamp() - interval '3 days'
     order by a.id, d.event
     limit most
$$;

comment on function replication.due_deliveries(text, integer) is 'What is to be told by a channel now, in order.';
revoke execute on function replication.due_deliveries(text, integer) from public;
grant execute on function replication.due_deliveries(text, integer) to portal_app;

create or replace function replication.note_delivery(of_alarm bigint, of_event text, of_channel text, problem text) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    update replication.alarm_delivery
       set attempts = attempts + 1,
           delivered_at = case when problem is null then clock_timestamp() end,
           error = problem,
           -- 15 s, 30 s, 1 min, ... one hour.
           next_attempt_at = clock_timestamp() + least(interval '1 hour', interval '15 seconds' * (2 ^ least(attempts, 10)))
     where alarm_id = of_alarm and event = of_event and channel = of_channel and delivered_at is null
$$;

comment on function replication.note_delivery(bigint, text, text, text) is 'Notes that something was told, or why it was not; then it is tried again, ever more rarely.';
revoke execute on function replication.note_delivery(bigint, text, text, text) from public;
grant execute on function replication.note_delivery(bigint, text, text, text) to portal_app;
