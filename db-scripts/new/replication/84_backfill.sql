-- The backfill in steps: each its own transaction, so it can end and go on at any of them.

drop function if exists replication.backfill_step(integer);
create or replace function replication.backfill_step(max_rows integer default 10000, undone boolean default false, out worked boolean, out finished boolean)
-- Each step plans and would compile anew.
language plpgsql security definer set search_path = pg_catalog, pg_temp set jit = off
as $$
declare
    b replication.backfill;
    began constant timestamptz := clock_timestamp();
    from_key bigint;
    last_key bigint;
    up_to bigint;
    present bigint[];
    gone bigint[];
    taken record;
begin
    worked := false;
    finished := false;
    -- Shared with set_authority(): whoever moves the writers waits for the step under way.
    perform from replication.control where authority = 'old' for share;
    if not found then
        return;
    end if;
    select * into b from replication.backfill where mapping = 'timesheet_old' and state = 'running' for update skip locked;
    if not found then
        return;
    end if;
    worked := true;
    from_key := coalesce(b.next_key, -9223372036854775808);
    if b.next_key is null then
        update replication.backfill
           set round_started_at = now(), rows_read = 0, rows_written = 0, rows_removed = 0, seconds = 0,
               rows_to_read = (select count(*) from timesheet_old_schema.timesheet_old)
         where mapping = b.mapping;
    end if;

    last_key := (select f.id from timesheet_old_schema.timesheet_old f where f.id > from_key order by f.id offset max_rows - 1 limit 1);
    -- Not within the query: the wrapper sends no coalesce(), and would read all the rest of the table in every step.
    up_to := coalesce(last_key, 9223372036854775807);
    insert into replication.incoming
    select f.id, f.worker_id, f.hospital_id, f.status, f.is_approved, f.worker_name, f.hospital_name, f.shift_date, f.start_time, f.end_time,
           f.break_minutes, f.hours_worked, f.amount_due, f.is_paid
      from timesheet_old_schema.timesheet_old f
     where f.id > from_key and f.id <= up_to;
    analyze replication.incoming (id);
    present := array(select i.id from replication.incoming i);

    -- What the old system has deleted, not what somebody has made here.
    gone := array(
        select t.id from public.timesheet_new t
         where t.id > from_key and t.id <= up_to
           and not exists (select from unnest(present) k where k = t.id)
           and not exists (select from public.timesheet_history h where h.timesheet_id = t.id));
    delete from public.payment p where p.timesheet_id = any (gone);
    delete from public.timesheet_new t where t.id = any (gone);
    delete from replication.quarantine q
     where q.mapping = b.mapping and q.key > from_key and q.key <= up_to
       and not exists (select from unnest(present) k where k = q.key);

    -- A decision was about the row as it was.
    update replication.quarantine q
       set state = 'open', decision = null, edited = null, decided_by = null, decided_at = null
      from replication.incoming i
     where q.mapping = b.mapping and q.key = i.id and q.state = 'decided' and q.old_row <> to_jsonb(i);

    -- What is the same already, or was taken aside and is as it was then.
    with same as (
        delete from replication.incoming i
         using mapping.timesheet_old v
         where v.id = i.id and v.id > from_key and v.id <= up_to and row (v.*) is not distinct from row (i.*)
        returning i.id
    )
    delete from replication.quarantine q using same s where q.mapping = b.mapping and q.key = s.id and q.state = 'open';
    delete from replication.incoming i using replication.quarantine q where q.mapping = b.mapping and q.key = i.id and q.old_row = to_jsonb(i);

    select * into taken from replication.take_incoming();
    perform setval('public.timesheet_new_id_seq', k.highest)
       from (select max(k) as highest from unnest(present) k) k, public.timesheet_new_id_seq s
      where k.highest > s.last_value
        -- No rollback moves a sequence back.
        and not undone;

    finished := last_key is null;
    update replication.backfill
       set rows_read = rows_read + cardinality(present),
           rows_written = rows_written + taken.rows_written,
           rows_removed = rows_removed + cardinality(gone),
           seconds = seconds + extract(epoch from clock_timestamp() - began),
           next_key = last_key,
           error = null,
           changed = changed + taken.rows_written + taken.rows_quarantined + cardinality(gone)
     where mapping = b.mapping;
    if finished then
        update replication.backfill
           set round = round + 1, finished_at = clock_timestamp(), finished_round_began_at = round_started_at, changed_last = changed, changed = 0
         where mapping = b.mapping;
    end if;
end $$;

comment on function replication.backfill_step(integer, boolean) is
    'Takes over the next so many old rows, as long as the old database is the one that is written. worked: there was something to do, and nobody else was at it. finished: the round is complete.';
revoke execute on function replication.backfill_step(integer, boolean) from public;
grant execute on function replication.backfill_step(integer, boolean) to portal_app;

create or replace function replication.backfill_failed(why text) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    update replication.backfill set error = why where mapping = 'timesheet_old' and state = 'running';
$$;

comment on function replication.backfill_failed(text) is 'Notes why the last step failed; the next one that succeeds clears it.';
revoke execute on function replication.backfill_failed(text) from public;
grant execute on function replication.backfill_failed(text) to portal_app;

create or replace function replication.run_backfill(new_state text, new_share numeric, account text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    before replication.backfill;
begin
    if new_state = 'running' then
        perform replication.needs_old_database();
    end if;
    insert into replication.backfill (mapping) values ('timesheet_old') on conflict do nothing;
    select * into before from replication.backfill where mapping = 'timesheet_old' for update;
    -- Who changes the share only neither starts nor stops it, whatever somebody else has done meanwhile.
    new_state := coalesce(new_state, before.state);
    if (before.state, before.share) is distinct from (new_state, coalesce(new_share, before.share)) then
        update replication.backfill
           set state = new_state, share = coalesce(new_share, before.share), error = null
         where mapping = 'timesheet_old';
        insert into replication.audit (account, action, before, after)
        values (account, 'backfill', jsonb_build_object('state', before.state, 'share', before.share),
                jsonb_build_object('state', new_state, 'share', coalesce(new_share, before.share)));
    end if;
end $$;

comment on function replication.run_backfill(text, numeric, text) is 'Starts (running) or stops (stopped) the backfill and sets its share of the time; notes who did it.';
revoke execute on function replication.run_backfill(text, numeric, text) from public;
grant execute on function replication.run_backfill(text, numeric, text) to portal_app;

-- Installed by earlier versions.
drop function if exists replication.decide_quarantine(bigint[], text, jsonb, text);

create or replace function replication.decide_quarantine(
    keys bigint[], found_then timestamptz[], decided_then timestamptz[], new_decision text, new_columns jsonb, account text) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    noted bigint[];
begin
    -- Fails here, before whoever typed it, if a value does not fit its column.
    perform jsonb_populate_record(null::replication.incoming, new_columns);
    with decision as (
        update replication.quarantine q
           set decision = new_decision, edited = new_columns, decided_by = account, decided_at = clock_timestamp(),
               state = case new_decision when 'skip' then 'skipped' else 'decided' end
          from unnest(keys, found_then, decided_then) seen (key, found_at, decided_at)
         where q.mapping = 'timesheet_old' and q.key = seen.key and q.state <> 'taken'
           -- Another row by now, or decided by somebody else: it is not what the decision was about.
           and q.found_at = seen.found_at and q.decided_at is not distinct from seen.decided_at
        returning q.key
    )
    select array_agg(d.key order by d.key) into noted from decision d;
    if noted is not null then
        insert into replication.audit (account, action, after)
        values (account, 'quarantine', jsonb_build_object('decision', new_decision, 'rows', cardinality(noted), 'edited', new_columns,
                                                          'keys', to_jsonb(noted[1:100])));
    end if;
    return coalesce(cardinality(noted), 0);
end $$;

comment on function replication.decide_quarantine(bigint[], timestamptz[], timestamptz[], text, jsonb, text) is
    'Notes what is to become of rows in quarantine, and who said so, if they are still as they were seen, each found and decided then; returns how many it was noted for.';
revoke execute on function replication.decide_quarantine(bigint[], timestamptz[], timestamptz[], text, jsonb, text) from public;
grant execute on function replication.decide_quarantine(bigint[], timestamptz[], timestamptz[], text, jsonb, text) to portal_app;

create or replace function replication.rerun_quarantine(max_rows integer default 10000, out rows_tried bigint, out rows_written bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    keys bigint[];
begin
    rows_tried := 0;
    rows_written := 0;
    perform from replication.control where authority = 'old' for share;
    if not found then
        return;
    end if;
    -- One at a time: replication.incoming is one table.
    perform from replication.backfill where mapping = 'timesheet_old' for update;
    keys := array(select q.key from replication.quarantine q where q.mapping = 'timesheet_old' and q.state = 'decided' order by q.key limit max_rows);
    insert into replication.incoming
    select r.* from replication.quarantine q, jsonb_populate_record(null::replication.incoming, mapping.decided_row(q.old_row, q.decision, q.edited)) r
     where q.mapping = 'timesheet_old' and q.key = any (keys);
    get diagnostics rows_tried = row_count;

    select t.rows_written into rows_written from replication.take_incoming() t;
    -- Those that are not open again.
    update replication.quarantine q set state = 'taken' where q.mapping = 'timesheet_old' and q.key = any (keys) and q.state = 'decided';
end $$;

comment on function replication.rerun_quarantine(integer) is 'Takes over rows in quarantine as was decided; those that still do not fit are open again, with the new reasons.';
revoke execute on function replication.rerun_quarantine(integer) from public;
grant execute on function replication.rerun_quarantine(integer) to portal_app;

create or replace function replication.set_authority(new_authority text, account text, why text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    old_authority text;
begin
    select authority into old_authority from replication.control for update;
    if old_authority is distinct from new_authority then
        update replication.control set authority = new_authority;
        -- What was found while the other side was right says nothing any more.
        update replication.verification set next_key = null, started_at = null, finished_at = null, found = 0, found_last = null;
        if new_authority = 'new' then
            -- Only here old rows were put right that were taken over otherwise than they are; whoever decided so has said it.
            insert into replication.outbox (mapping, keys)
            select q.mapping, array_agg(q.key)
              from (select mapping, key, (row_number() over (partition by mapping order by key) - 1) / 10000 as chunk
                      from replication.quarantine where state = 'taken') q
             group by q.mapping, q.chunk;
        end if;
        insert into replication.audit (account, action, before, after)
        values (account, 'authority', jsonb_build_object('authority', old_authority), jsonb_build_object('authority', new_authority, 'why', why));
    end if;
end $$;

comment on function replication.set_authority(text, text, text) is 'Says which side is right from now on (old or new), and notes who did it and why. Once it is the new one, what was decided about rows in quarantine is delivered.';
revoke execute on function replication.set_authority(text, text, text) from public;
grant execute on function replication.set_authority(text, text, text) to portal_app;

create or replace function replication.choose_authority() returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
begin
    -- A new database that is empty is no reason to empty a full old one.
    if not exists (select from public.timesheet_new) and exists (select from timesheet_old_schema.timesheet_old) then
        perform replication.set_authority('old', current_user, 'The new database is empty, the old one is not.');
    end if;
end $$;

comment on function replication.choose_authority() is 'Lets the old database be right as long as nothing has been taken over from it. Part of connecting to it.';
revoke execute on function replication.choose_authority() from public;
