-- Beginning, pausing and stopping comparisons. The work itself is the portal's, see ComparisonWorker.

create or replace function replication.start_comparison(
    mapping_name text, by_account text, from_origin text, share real, statement_timeout_ms integer, out comparison_id bigint, out is_new boolean)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform replication.needs_old_database();
    -- Two who ask at once share one; not with a lock that a writer of the outbox would wait for.
    perform from replication.mapping where name = mapping_name for no key update;
    select c.id into comparison_id
      from replication.comparison c
     where c.mapping = mapping_name and c.state in ('running', 'paused') and from_origin <> 'command'
     order by c.id desc limit 1;
    is_new := not found;
    if is_new then
        insert into replication.comparison (mapping, account, origin, max_share, timeout_ms)
        values (mapping_name, by_account, from_origin, share, statement_timeout_ms) returning id into comparison_id;
        insert into replication.audit (account, action, after)
        values (by_account, 'comparison started', jsonb_build_object('comparison', comparison_id, 'mapping', mapping_name, 'origin', from_origin));
    end if;
end $$;

comment on function replication.start_comparison(text, text, text, real, integer) is
    'Begins a comparison, which a portal then works on; if one is under way, returns that one instead, unless the command line asks, which works on its own.';
revoke execute on function replication.start_comparison(text, text, text, real, integer) from public;
grant execute on function replication.start_comparison(text, text, text, real, integer) to portal_app;

create or replace function replication.switch_comparison(comparison_id bigint, to_state text, by_account text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    from_state text;
begin
    select c.state into from_state from replication.comparison c where c.id = comparison_id for update;
    if from_state is null or from_state not in ('running', 'paused') or from_state = to_state or to_state not in ('running', 'paused', 'stopped') then
        return false;
    end if;
    update replication.comparison
       set state = to_state, finished_at = case to_state when 'stopped' then clock_timestamp() end
     where id = comparison_id;
    insert into replication.audit (account, action, before, after)
    values (by_account, 'comparison ' || case to_state when 'running' then 'resumed' else to_state end,
            jsonb_build_object('comparison', comparison_id, 'state', from_state), jsonb_build_object('comparison', comparison_id, 'state', to_state));
    return true;
end $$;

comment on function replication.switch_comparison(bigint, text, text) is
    'Pauses, resumes (running) or stops a comparison that is not over. Returns whether that was to be done.';
revoke execute on function replication.switch_comparison(bigint, text, text) from public;
grant execute on function replication.switch_comparison(bigint, text, text) to portal_app;

-- Installed by earlier versions.
drop function if exists replication.schedule_comparison(text, text, boolean, real, text);

create or replace function replication.schedule_comparison(
    mapping_name text, at_times text, is_enabled boolean, share real, by_account text, seen jsonb) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    before replication.comparison_schedule;
begin
    if is_enabled then
        perform replication.needs_old_database();
    end if;
    -- As in start_comparison(): there may be no schedule yet to lock.
    perform from replication.mapping where name = mapping_name for no key update;
    select * into before from replication.comparison_schedule where mapping = mapping_name;
    if (before.cron, before.enabled, before.max_share) is distinct from (seen ->> 'cron', (seen ->> 'enabled')::boolean, (seen ->> 'max_share')::real) then
        return false;
    end if;
    insert into replication.comparison_schedule as s (mapping, cron, enabled, max_share, account)
    values (mapping_name, at_times, is_enabled, share, by_account)
    on conflict (mapping) do update
       set cron = excluded.cron, enabled = excluded.enabled, max_share = excluded.max_share, account = excluded.account, due_after = excluded.due_after;
    insert into replication.audit (account, action, before, after)
    values (by_account, 'comparison scheduled', to_jsonb(before), jsonb_build_object('mapping', mapping_name, 'cron', at_times, 'enabled', is_enabled, 'max_share', share));
    return true;
end $$;

comment on function replication.schedule_comparison(text, text, boolean, real, text, jsonb) is
    'Says when comparisons of an old table begin by themselves, if that is still as who says it has seen it: cron, enabled and max_share; null: never. Returns whether it was.';
revoke execute on function replication.schedule_comparison(text, text, boolean, real, text, jsonb) from public;
grant execute on function replication.schedule_comparison(text, text, boolean, real, text, jsonb) to portal_app;
