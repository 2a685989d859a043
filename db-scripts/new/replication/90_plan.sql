-- Taking the steps of the plan and undoing them, and what the portal's looks at the old database find.

create or replace function replication.take_step(
    of_step text, account text, override text, conditions jsonb, out outcome text, out by_account text, out at timestamptz)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    plan_step replication.plan_step;
begin
    -- Of two who take it at once the second one waits here, and is told.
    perform from replication.plan_step p order by p.position for update;
    select * into strict plan_step from replication.plan_step p where p.step = of_step;
    if plan_step.taken_at is not null then
        outcome := 'already';
        by_account := plan_step.taken_by;
        at := plan_step.taken_at;
        return;
    end if;
    if exists (select from replication.plan_step p where p.position < plan_step.position and p.taken_at is null) then
        outcome := 'earlier';
        return;
    end if;
    if coalesce(btrim(account), '') = '' then
        raise exception using errcode = 'check_violation', message = 'who takes a step has to say who';
    end if;
    if coalesce(btrim(override), '') = '' and (conditions = '[]' or exists (
        select from jsonb_to_recordset(conditions) c (holds boolean) where c.holds is not true)) then
        raise exception using errcode = 'check_violation', message = 'not all conditions of this step hold, and no reason was given';
    end if;

    if of_step = 'move_writers' then
        perform replication.set_authority('new', account, coalesce(override, 'The writers have moved.'));
    end if;
    update replication.plan_step p
       set taken_at = clock_timestamp(), taken_by = account, why = nullif(btrim(override), ''), figures = conditions
     where p.step = of_step
 returning 'taken', p.taken_by, p.taken_at into outcome, by_account, at;
    insert into replication.audit (account, action, subject, reason, before, after)
    values (account, 'plan step taken', of_step, nullif(btrim(override), ''), null, jsonb_build_object('conditions', conditions));
end $$;

comment on function replication.take_step(text, text, text, jsonb) is
    'Takes a step, with the conditions as they were found; override is the reason to take it though not all hold. outcome: taken; already (by whom and when); earlier (one before it is not taken yet).';
revoke execute on function replication.take_step(text, text, text, jsonb) from public;
grant execute on function replication.take_step(text, text, text, jsonb) to portal_app;

create or replace function replication.undo_step(of_step text, account text, reason text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '2s'
as $$
declare
    undone replication.plan_step;
begin
    if coalesce(btrim(account), '') = '' or coalesce(btrim(reason), '') = '' then
        raise exception using errcode = 'check_violation', message = 'who undoes a step has to say who and why';
    end if;
    perform from replication.plan_step p order by p.position for update;
    select * into strict undone from replication.plan_step p where p.step = of_step;
    if undone.taken_at is null then
        return 'not taken';
    end if;
    if of_step = 'retire' then
        return 'for good';
    end if;
    if exists (select from replication.plan_step p where p.position > undone.position and p.taken_at is not null) then
        return 'later';
    end if;
    if of_step = 'move_writers' then
        -- Nobody adds to it between this look and the change.
        lock table replication.outbox in share row exclusive mode;
        if exists (select from replication.outbox) or exists (select from replication.set_aside) then
            return 'undelivered';
        end if;
        perform replication.set_authority('old', account, reason);
    end if;

    update replication.plan_step p set taken_at = null, taken_by = null, why = null, figures = null where p.step = of_step;
    insert into replication.audit (account, action, subject, reason, before)
    values (account, 'plan step undone', of_step, btrim(reason),
            jsonb_build_object('taken_at', undone.taken_at, 'taken_by', undone.taken_by, 'why', undone.why, 'conditions', undone.figures));
    return 'undone';
end $$;

comment on function replication.undo_step(text, text, text) is
    'Undoes the step that was taken last. Returns undone; not taken; later (one after it has to be undone first); undelivered (changes are not in the old database yet); for good (it cannot be undone).';
revoke execute on function replication.undo_step(text, text, text) from public;
grant execute on function replication.undo_step(text, text, text) to portal_app;

create or replace function replication.set_plan_setting(of_name text, new_value interval, account text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    old_value interval;
begin
    select s.value into strict old_value from replication.plan_setting s where s.name = of_name for update;
    if old_value <> new_value then
        update replication.plan_setting s set value = new_value where s.name = of_name;
        insert into replication.audit (account, action, subject, before, after)
        values (account, 'plan setting', of_name, jsonb_build_object('value', old_value), jsonb_build_object('value', new_value));
    end if;
end $$;

comment on function replication.set_plan_setting(text, interval, text) is 'Changes how long something must have been so, and notes who did it.';
revoke execute on function replication.set_plan_setting(text, interval, text) from public;
grant execute on function replication.set_plan_setting(text, interval, text) to portal_app;

create or replace function replication.note_guard(old_mode text, new_mode text, account text, reason text) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    insert into replication.audit (account, action, subject, reason, before, after)
    values (account, 'guard', 'old database', nullif(btrim(reason), ''), jsonb_build_object('mode', old_mode), jsonb_build_object('mode', new_mode))
$$;

comment on function replication.note_guard(text, text, text, text) is 'Notes that the guard of the old database was switched, which happens there.';
revoke execute on function replication.note_guard(text, text, text, text) from public;
grant execute on function replication.note_guard(text, text, text, text) to portal_app;

create or replace function replication.mark_reader(
    of_application text, of_role text, of_address text, moved_on boolean, account text, about text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    was replication.reader;
begin
    select * into was from replication.reader r
     where (r.application, r.role, r.address) = (of_application, of_role, of_address) for update;
    if not found then
        return false;
    end if;
    update replication.reader r
       set moved_on_at = case when moved_on then clock_timestamp() end, moved_on_by = case when moved_on then account end,
           note = coalesce(nullif(btrim(about), ''), r.note)
     where (r.application, r.role, r.address) = (of_application, of_role, of_address);
    insert into replication.audit (account, action, subject, reason, before, after)
    values (account, case when moved_on then 'reader moved on' else 'reader not moved on' end,
            concat_ws(', ', nullif(of_application, ''), of_role, of_address), nullif(btrim(about), ''),
            jsonb_build_object('moved_on_at', was.moved_on_at, 'last_seen', was.last_seen), jsonb_build_object('moved_on', moved_on));
    return true;
end $$;

comment on function replication.mark_reader(text, text, text, boolean, text, text) is
    'Notes that a reader of the old database has moved to the new service, or has not after all. Returns whether there is such a reader.';
revoke execute on function replication.mark_reader(text, text, text, boolean, text, text) from public;
grant execute on function replication.mark_reader(text, text, text, boolean, text, text) to portal_app;

create or replace function replication.claim_sample(at_most_every interval) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform from replication.plan_watch w
     where coalesce(w.claimed_at, '-infinity') <= clock_timestamp() - at_most_every
       and not exists (select from replication.control c where c.retired_at is not null)
       for update of w skip locked;
    if not found then
        return false;
    end if;
    update replication.plan_watch set claimed_at = clock_timestamp();
    return true;
end $$;

comment on function replication.claim_sample(interval) is 'Whether the caller is to look at the old database now. Of several portals one is, so often and no oftener.';
revoke execute on function replication.claim_sample(interval) from public;
grant execute on function replication.claim_sample(interval) to portal_app;

create or replace function replication.note_sample(sessions jsonb, counters jsonb, refused_writes bigint, is_in_step boolean) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    watch replication.plan_watch;
begin
    select * into watch from replication.plan_watch for update;
    insert into replication.reader as r (application, role, address)
    select s.application, s.role, s.address from jsonb_to_recordset(sessions) s (application text, role text, address text)
    on conflict (application, role, address) do update set last_seen = excluded.last_seen, times_seen = r.times_seen + 1;

    -- A counter that is lower than it was began anew, so all of it is new. Of the first look nothing can be told.
    insert into replication.old_scan as o (table_name, hour, scans, rows_read)
    select c.table_name, date_trunc('hour', now()),
           case when c.scans < b.scans then c.scans else c.scans - b.scans end,
           case when c.rows_read < b.rows_read then c.rows_read else c.rows_read - b.rows_read end
      from jsonb_to_recordset(counters) c (table_name text, scans bigint, rows_read bigint)
      join jsonb_to_recordset(watch.scans) b (table_name text, scans bigint, rows_read bigint)
           using (table_name)
    on conflict (table_name, hour) do update set scans = o.scans + excluded.scans, rows_read = o.rows_read + excluded.rows_read;
    delete from replication.old_scan o where o.hour < now() - interval '90 days';

    update replication.plan_watch w
       set sampled_at = now(), scans = counters,
           watched_since = case when w.sampled_at > now() - interval '5 minutes' then w.watched_since else now() end,
           in_step_since = case when is_in_step then coalesce(w.in_step_since, now()) end,
           refused = refused_writes,
           refused_at = case when refused_writes > w.refused then now() else w.refused_at end;
end $$;

comment on function replication.note_sample(jsonb, jsonb, bigint, boolean) is
    'Notes a look at the old database: who was connected, how often its tables had been read, how many writes were refused, and whether nothing was the matter with the replication.';
revoke execute on function replication.note_sample(jsonb, jsonb, bigint, boolean) from public;
grant execute on function replication.note_sample(jsonb, jsonb, bigint, boolean) to portal_app;

create or replace function replication.note_other_writes(latest jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    control replication.control;
    moved constant timestamptz := (select max(a.at) from replication.audit a where a.action = 'authority');
    quiet constant interval := greatest(interval '1 minute', (select s.value from replication.plan_setting s where s.name = 'writers_quiet'));
    write record;
begin
    select * into strict control from replication.control;
    for write in
        select w.table_name, w.operation, w.rows, w.written_by, clock_timestamp() - make_interval(secs => w.seconds_ago) as at
          from jsonb_to_recordset(latest) w (table_name text, seconds_ago double precision, operation text, rows bigint, written_by text)
    loop
        -- What was written while the old database was the one that is right, the backfill has brought over.
        if control.authority = 'new' and control.retired_at is null
           and write.at > clock_timestamp() - quiet and write.at > coalesce(moved, '-infinity') then
            perform replication.report_cause('old_written', write.table_name,
                format('%s wrote %s (%s, %s) on %s UTC, although the new database is the one that is right. Whoever it is has to write through the portal.',
                       write.written_by, write.table_name, write.operation, replication.counted(write.rows, 'row'), to_char(write.at at time zone 'utc', 'FMDD Mon YYYY HH24:MI:SS')));
        else
            perform replication.withdraw_cause('old_written', write.table_name);
        end if;
    end loop;
end $$;

comment on function replication.note_other_writes(jsonb) is
    'Notes the latest write of somebody else to each old table: a cause for an alarm once the new database is the one that is right, until nobody has written for as long as the plan''s writers_quiet says.';
revoke execute on function replication.note_other_writes(jsonb) from public;
grant execute on function replication.note_other_writes(jsonb) to portal_app;

create or replace function replication.needs_old_database() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from replication.control where retired_at is not null) then
        raise exception using errcode = 'PR001', message = 'the old database was retired';
    end if;
end $$;

comment on function replication.needs_old_database() is 'Fails with PR001 once the old database is retired. For what would begin something there, or read it.';
revoke execute on function replication.needs_old_database() from public;
grant execute on function replication.needs_old_database() to portal_app;
