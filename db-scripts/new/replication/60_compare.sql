-- Old rows beside the rows that the mapping shows.

create or replace function replication.compare(
    for_id bigint default null,
    for_worker_id bigint default null,
    for_hospital_id bigint default null,
    only_differences boolean default true,
    after_id bigint default null,
    max_rows integer default null,
    before_id bigint default null,
    for_worker_name text default null,
    for_hospital_name text default null)
returns table (id bigint, difference text, differing_columns text[], new_row jsonb, old_row jsonb)
-- PL/pgSQL, because the foreign table does not exist yet when this script runs for the first time.
language plpgsql stable security invoker set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    with side_by_side as (
        select coalesce(n.id, o.id) as id, to_jsonb(n) as new_row, to_jsonb(o) as old_row
          from (select * from mapping.timesheet_old m
                 where (after_id is null or m.id > after_id)
                   and (before_id is null or m.id < before_id)
                   and (for_id is null or m.id = for_id)
               ) n
          full join
               (select * from timesheet_old_schema.timesheet_old f
                 where (after_id is null or f.id > after_id)
                   and (before_id is null or f.id < before_id)
                   and (for_id is null or f.id = for_id)
               ) o on o.id = n.id
         -- Either side may match: a row whose worker differs is found by both numbers, and by both names.
         where (for_worker_id is null or n.worker_id = for_worker_id or o.worker_id = for_worker_id)
           and (for_hospital_id is null or n.hospital_id = for_hospital_id or o.hospital_id = for_hospital_id)
           and (for_worker_name is null
                or position(lower(for_worker_name) in lower(n.worker_name)) > 0
                or position(lower(for_worker_name) in lower(o.worker_name)) > 0)
           and (for_hospital_name is null
                or position(lower(for_hospital_name) in lower(n.hospital_name)) > 0
                or position(lower(for_hospital_name) in lower(o.hospital_name)) > 0)
           and (not only_differences or n is distinct from o)
    ),
    nearest as (
        -- Without a lower end the page is the last one before before_id, so it is cut off from behind.
        select *
          from side_by_side s
         order by case when after_id is null and before_id is not null then -s.id else s.id end
         limit max_rows
    )
    select s.id,
           case when s.old_row is null then 'missing'
                when s.new_row is null then 'extra'
                when s.new_row <> s.old_row then 'different'
                else 'same' end,
           array(select cell.key
                   from jsonb_each(s.new_row) cell
                  where s.old_row is not null and cell.value is distinct from s.old_row -> cell.key),
           s.new_row,
           s.old_row
      from nearest s
     order by s.id;
end $$;

comment on function replication.compare(bigint, bigint, bigint, boolean, bigint, integer, bigint, text, text) is
    'Old and new rows side by side in order of id, those after after_id, or the last ones before before_id. Names match in part, in any case. difference is same, missing (not in the old table), extra (only there) or different (see differing_columns).';
revoke execute on function replication.compare(bigint, bigint, bigint, boolean, bigint, integer, bigint, text, text) from public;
grant execute on function replication.compare(bigint, bigint, bigint, boolean, bigint, integer, bigint, text, text) to portal_app;
