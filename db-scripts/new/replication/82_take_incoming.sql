-- Writes replication.incoming into the new tables. A row that does not fit goes to quarantine and holds back no other.

create or replace function replication.to_quarantine(keys bigint[], why text[], told text default null) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    moved bigint;
begin
    with bad as (
        delete from replication.incoming i where i.id = any (keys) returning i.*
    )
    -- The clock, not the transaction's time: whoever calls holds replication.backfill, so what is committed later has a later time.
    insert into replication.quarantine as q (mapping, key, reasons, detail, old_row, found_at)
    select 'timesheet_old', b.id, why, told, to_jsonb(b), clock_timestamp() from bad b
    on conflict (mapping, key) do update
       -- One that was put right by a decision is not what the old table says.
       set old_row = case when q.state = 'decided' then q.old_row else excluded.old_row end,
           reasons = excluded.reasons, detail = excluded.detail, state = 'open', found_at = excluded.found_at,
           decision = null, edited = null, decided_by = null, decided_at = null;
    get diagnostics moved = row_count;
    delete from replication.proposed p where p.id = any (keys);
    return moved;
end $$;

comment on function replication.to_quarantine(bigint[], text[], text) is 'Takes incoming rows aside with the reasons; returns how many.';
revoke execute on function replication.to_quarantine(bigint[], text[], text) from public;

create or replace function replication.write_incoming(one bigint default null) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    written bigint;
begin
    -- What the old system has mended since.
    delete from replication.quarantine q using replication.incoming i
     where q.mapping = 'timesheet_old' and q.key = i.id and q.state <> 'decided' and (one is null or i.id = one);
    delete from public.payment p using replication.incoming i where p.timesheet_id = i.id and not i.is_paid and (one is null or i.id = one);

    insert into public.timesheet_new (id, worker_id, status, timesheet_options_id, claimed_start, claimed_end, claimed_break_minutes, submitted_at)
    select n.id, n.worker_id, n.status, n.timesheet_options_id, n.claimed_start, n.claimed_end, n.claimed_break_minutes, n.submitted_at
      from replication.proposed n
     where one is null or n.id = one
    on conflict (id) do update
       set worker_id = excluded.worker_id, status = excluded.status, timesheet_options_id = excluded.timesheet_options_id,
           claimed_start = excluded.claimed_start, claimed_end = excluded.claimed_end,
           claimed_break_minutes = excluded.claimed_break_minutes, submitted_at = excluded.submitted_at;
    get diagnostics written = row_count;

    insert into public.payment (timesheet_id, amount, currency, paid_at)
    select n.id, n.amount_paid, n.currency, coalesce(n.claimed_end, now())
      from replication.proposed n
     where n.is_paid and (one is null or n.id = one)
    on conflict (timesheet_id) do update set amount = excluded.amount, currency = excluded.currency;
    return written;
end $$;

comment on function replication.write_incoming(bigint) is 'Writes the incoming rows, or one of them, into the new tables, all or none; returns how many.';
revoke execute on function replication.write_incoming(bigint) from public;

create or replace function replication.take_incoming(out rows_written bigint, out rows_quarantined bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    faulty record;
    one bigint;
begin
    rows_written := 0;
    rows_quarantined := 0;
    -- Just filled: without this the planner would take them for empty. Of their columns it need know no more than the key.
    analyze replication.incoming (id);
    -- Options are what rows have in common: one for each hospital and rate.
    with n as materialized (
        select * from mapping.timesheet_new_from_old
    ), known as (
        select hospital_id, hourly_rate, currency, min(id) as id
          from public.timesheet_options
         where unit = '' and planned_start is null and planned_break_minutes = 0
         group by hospital_id, hourly_rate, currency
    ), made as (
        insert into public.timesheet_options (hospital_id, hourly_rate, currency)
        select hospital_id, hourly_rate, currency from n where reasons = '{}'
        except
        select hospital_id, hourly_rate, currency from known
        returning hospital_id, hourly_rate, currency, id
    )
    insert into replication.proposed
    select n.*, o.id from n left join (table known union all table made) o using (hospital_id, hourly_rate, currency);
    analyze replication.proposed (id);
    for faulty in
        select n.reasons, array_agg(n.id) as keys from replication.proposed n where n.reasons <> '{}' group by n.reasons
    loop
        rows_quarantined := rows_quarantined + replication.to_quarantine(faulty.keys, faulty.reasons);
    end loop;

    -- Of shifts of one worker that overlap, the one that began first is taken.
    rows_quarantined := rows_quarantined + replication.to_quarantine(array(
        select n.id
          from (select id, claimed_start < max(claimed_end) over (partition by worker_id order by claimed_start, id
                                                                  rows between unbounded preceding and 1 preceding) as overlaps
                  from replication.proposed) n
         where n.overlaps), '{overlap}');

    begin
        rows_written := replication.write_incoming();
    exception
        when integrity_constraint_violation or data_exception then
            -- Most likely a shift that was taken over before is in the way.
            rows_quarantined := rows_quarantined + replication.to_quarantine(array(
                select n.id from replication.proposed n
                 where exists (select from public.timesheet_new t
                                where t.worker_id = n.worker_id and t.claimed_start is not null
                                  and tstzrange(t.claimed_start, t.claimed_end) && tstzrange(n.claimed_start, n.claimed_end)
                                  and not exists (select from replication.incoming i where i.id = t.id))), '{overlap}');
            begin
                rows_written := replication.write_incoming();
            exception
                when integrity_constraint_violation or data_exception then
                    for one in select id from replication.incoming loop
                        begin
                            rows_written := rows_written + replication.write_incoming(one);
                        exception
                            when exclusion_violation then
                                rows_quarantined := rows_quarantined + replication.to_quarantine(array[one], '{overlap}');
                            when integrity_constraint_violation or data_exception then
                                rows_quarantined := rows_quarantined + replication.to_quarantine(array[one], '{refused}', sqlerrm);
                        end;
                    end loop;
            end;
    end;

    -- The proof of a row: the mapping shows it as it was. Where it does not, the cells are the reasons.
    for faulty in
        select d.reasons, array_agg(d.id) as keys
          from (select i.id, array(select n.key from jsonb_each(to_jsonb(v)) n where n.value is distinct from to_jsonb(i) -> n.key order by n.key) as reasons
                  from replication.incoming i join mapping.timesheet_old v on v.id = i.id
                 where row (v.*) is distinct from row (i.*)
                   -- Adds nothing but the range, without which all of the table is read.
                   and v.id between (select min(id) from replication.incoming) and (select max(id) from replication.incoming)
                   and not exists (select from replication.quarantine q
                                    where q.mapping = 'timesheet_old' and q.key = i.id and q.state = 'decided' and q.decision in ('accept', 'take_status', 'edit'))) d
         group by d.reasons
    loop
        delete from public.payment p where p.timesheet_id = any (faulty.keys);
        delete from public.timesheet_new t where t.id = any (faulty.keys);
        rows_written := rows_written - cardinality(faulty.keys);
        rows_quarantined := rows_quarantined + replication.to_quarantine(faulty.keys, faulty.reasons);
    end loop;

    truncate replication.incoming, replication.proposed;
    -- It came from the old database and need not go back there.
    perform replication.forget_changed();
end $$;

comment on function replication.take_incoming() is 'Writes the incoming rows into the new tables and takes aside what does not fit. Leaves nothing to be delivered.';
revoke execute on function replication.take_incoming() from public;
