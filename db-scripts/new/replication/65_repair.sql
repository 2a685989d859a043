-- Repairs: keys go into the outbox, so the engine writes them as it writes everything, and no value is passed along.

create or replace function replication.start_repair(
    mapping_name text, of_comparison bigint, keys bigint[], by_account text, reason text, may_overwrite boolean,
    only_kind text default null, only_cause text default null) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    repair_id bigint;
    row_count bigint;
begin
    perform replication.needs_old_database();
    insert into replication.repair (mapping, comparison, account, why, overwrite)
    values (mapping_name, of_comparison, by_account, reason, may_overwrite) returning id into repair_id;
    if keys is null then
        insert into replication.repair_row (repair, key)
        select repair_id, d.key
          from replication.comparison_difference d
          join replication.comparison c on c.id = d.comparison and c.mapping = mapping_name
         where d.comparison = of_comparison and d.cause <> 'left_out' and (only_kind is null or d.kind = only_kind) and (only_cause is null or d.cause = only_cause);
    else
        insert into replication.repair_row (repair, key)
        select distinct repair_id, k
          from unnest(keys) k
         where of_comparison is null or exists (
               select from replication.comparison_difference d join replication.comparison c on c.id = d.comparison and c.mapping = mapping_name
                where d.comparison = of_comparison and d.key = k);
    end if;
    get diagnostics row_count = row_count;
    insert into replication.audit (account, action, after)
    values (by_account, 'repair started', jsonb_build_object(
        'repair', repair_id, 'mapping', mapping_name, 'comparison', of_comparison, 'rows', row_count, 'why', reason, 'overwrite', may_overwrite));
    return repair_id;
end $$;

comment on function replication.start_repair(text, bigint, bigint[], text, text, boolean, text, text) is
    'Notes which rows are to be written anew, by whom and why: the keys given, of a comparison those that it found, or all differences that it found (of one kind or cause). A portal then goes through them.';
revoke execute on function replication.start_repair(text, bigint, bigint[], text, text, boolean, text, text) from public;
grant execute on function replication.start_repair(text, bigint, bigint[], text, text, boolean, text, text) to portal_app;

create or replace function replication.queue_repair(repair_id bigint, keys bigint[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    r replication.repair;
begin
    select * into strict r from replication.repair where id = repair_id;
    insert into replication.outbox (mapping, keys)
    select r.mapping, array_agg(w.key)
      from replication.repair_row w
     where w.repair = r.id and w.outcome is null and w.key = any (queue_repair.keys)
    having count(*) > 0;
end $$;

comment on function replication.queue_repair(bigint, bigint[]) is
    'Queues rows of a repair that have no outcome yet, at most 10,000. They are written when the transaction commits, like any change.';
revoke execute on function replication.queue_repair(bigint, bigint[]) from public;
grant execute on function replication.queue_repair(bigint, bigint[]) to portal_app;

create or replace function replication.end_repair(repair_id bigint, to_state text, by_account text, what_failed text default null) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    update replication.repair
       set state = to_state, finished_at = clock_timestamp(), problem = what_failed
     where id = repair_id and state = 'running' and to_state in ('finished', 'stopped', 'failed');
    if not found then
        return false;
    end if;
    insert into replication.audit (account, action, after)
    select by_account, 'repair ' || to_state, jsonb_build_object('repair', repair_id) || jsonb_object_agg(o.outcome, o.count)
      from (select coalesce(w.outcome, 'not done') as outcome, count(*) from replication.repair_row w where w.repair = repair_id group by 1
            union all select 'not done', 0 where not exists (select from replication.repair_row w where w.repair = repair_id)) o;
    return true;
end $$;

comment on function replication.end_repair(bigint, text, text, text) is
    'Ends a repair, finished, stopped or failed, and notes what became of its rows. Returns whether it was still running.';
revoke execute on function replication.end_repair(bigint, text, text, text) from public;
grant execute on function replication.end_repair(bigint, text, text, text) to portal_app;
