-- The imported picture of the old tables beside what they are now, and taking it anew.

create or replace function replication.note_old_catalogue(found jsonb) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    insert into replication.old_catalogue (seen_at, tables) values (clock_timestamp(), found)
    on conflict (only_row) do update set seen_at = excluded.seen_at, tables = excluded.tables
$$;

comment on function replication.note_old_catalogue(jsonb) is 'Notes how the old tables are now, as portal_replication.catalogue() of the old database describes them.';
revoke execute on function replication.note_old_catalogue(jsonb) from public;
grant execute on function replication.note_old_catalogue(jsonb) to portal_app;

create or replace function replication.pictured_table()
returns table (foreign_table text, remote_table text, server_name text, remote_schema text, remote_name text, view_name text, relation oid)
language sql stable security invoker set search_path = pg_catalog, pg_temp
as $$
    select c.oid::regclass::text, format('%I.%I', o.remote_schema, o.remote_name), s.srvname::text, o.remote_schema, o.remote_name, m.view_name, c.oid
      from pg_foreign_table f
      join pg_foreign_server s on s.oid = f.ftserver and s.srvname = 'timesheet_old_server'
      join pg_class c on c.oid = f.ftrelid
     cross join lateral (
           select coalesce(max(x.option_value) filter (where x.option_name = 'schema_name'), c.relnamespace::regnamespace::text) as remote_schema,
                  coalesce(max(x.option_value) filter (where x.option_name = 'table_name'), c.relname) as remote_name
             from pg_options_to_table(f.ftoptions) x) o
      left join replication.mapping m on to_regclass(m.foreign_table) = c.oid
$$;

comment on function replication.pictured_table() is 'The imported tables, what they are pictures of, and the mapping''s view where one writes there.';
revoke execute on function replication.pictured_table() from public;
grant execute on function replication.pictured_table() to portal_app;

create or replace function replication.schema_drift()
returns table (
    foreign_table text, remote_table text, column_name text,
    here_position bigint, here_type text, here_not_null boolean,
    there_position bigint, there_type text, there_not_null boolean,
    shown_type text, left_out_reason text, findings text[])
-- The planner takes catalogues for larger than they are, and compiles for seconds what runs for milliseconds.
language sql stable security invoker set search_path = pg_catalog, pg_temp set jit = off
as $$
    with tables as materialized (
        select p.*, t.value -> 'columns' as columns
          from replication.pictured_table() p
          join (select x.value from replication.old_catalogue k, jsonb_array_elements(k.tables) x) t on t.value ->> 'table' = p.remote_table
    ), here as materialized (
        select t.foreign_table,
               coalesce((select o.option_value from pg_options_to_table(a.attfdwoptions) o where o.option_name = 'column_name'), a.attname::text) as column_name,
               row_number() over (partition by t.foreign_table order by a.attnum) as n,
               format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as not_null
          from tables t join pg_attribute a on a.attrelid = t.relation and a.attnum > 0 and not a.attisdropped
    ), there as materialized (
        select t.foreign_table, c.value ->> 'name' as column_name, c.ordinality as n,
               c.value ->> 'type' as type, (c.value ->> 'not_null')::boolean as not_null, (c.value ->> 'has_default')::boolean as has_default
          from tables t, jsonb_array_elements(t.columns) with ordinality c
    ), shown as materialized (
        select t.foreign_table, a.attname::text as column_name, a.attnum as n, format_type(a.atttypid, a.atttypmod) as type
          from tables t join pg_attribute a on a.attrelid = to_regclass(t.view_name) and a.attnum > 0 and not a.attisdropped
    ), side_by_side as (
        select foreign_table, column_name, h.n as here_n, h.type as here_type, h.not_null as here_not_null,
               r.n as there_n, r.type as there_type, r.not_null as there_not_null, r.has_default, s.type as shown_type, l.reason,
               -- Places among the columns that both have: one that came or went moves no other.
               case when h.n is not null and r.n is not null then row_number() over (partition by foreign_table, h.n is null or r.n is null order by h.n) end as here_rank,
               case when h.n is not null and r.n is not null then row_number() over (partition by foreign_table, h.n is null or r.n is null order by r.n) end as there_rank,
               case when h.n is not null and s.n is not null then row_number() over (partition by foreign_table, h.n is null or s.n is null order by h.n) end as pictured_rank,
               case when h.n is not null and s.n is not null then row_number() over (partition by foreign_table, h.n is null or s.n is null order by s.n) end as shown_rank
          from here h
          full join there r using (foreign_table, column_name)
          full join shown s using (foreign_table, column_name)
          left join replication.left_out_column l using (foreign_table, column_name)
    )
    select d.foreign_table, t.remote_table, d.column_name, d.here_n, d.here_type, d.here_not_null, d.there_n, d.there_type, d.there_not_null,
           d.shown_type, d.reason,
           array_remove(array[
               case when d.here_n is not null and d.there_n is null then 'missing'
                    when d.here_n is null and d.there_n is not null and d.reason is null then 'extra'
                    when d.here_n is null and d.there_n is not null then 'left_out' end,
               case when d.here_type <> d.there_type then 'type' end,
               case when d.here_not_null <> d.there_not_null then 'nullability' end,
               case when d.here_rank <> d.there_rank then 'order' end,
               case when d.shown_type is not null and d.there_n is null then 'unmapped'
                    when d.shown_type <> d.there_type then 'mapped_type'
                    when d.shown_type is null and t.view_name is not null and d.there_not_null and not d.has_default then 'required' end,
               case when d.shown_type is null and t.view_name is not null and d.here_n is not null and d.there_n is not null then 'unshown' end,
               case when d.pictured_rank <> d.shown_rank then 'mapped_order' end], null)
      from side_by_side d
      join tables t using (foreign_table)
     order by d.foreign_table, coalesce(d.there_n, d.here_n), d.column_name
$$;

comment on function replication.schema_drift() is
    'Every column of the imported tables as it was imported (here), as it is in the old database (there), and as the mapping shows it. findings: missing, extra, left_out (on purpose), type, nullability, order; unmapped, mapped_type, mapped_order, required: what the mapping would have to follow; unshown: pictured, though the mapping does not show it.';
revoke execute on function replication.schema_drift() from public;
grant execute on function replication.schema_drift() to portal_app;

create or replace function replication.import_steps(of_foreign_table text) returns text[]
language sql stable security invoker set search_path = pg_catalog, pg_temp
as $$
    select array[format('drop foreign table %s', p.foreign_table),
                 format('import foreign schema %I limit to (%I) from server %I into %I', p.remote_schema, p.remote_name, p.server_name, n.nspname)]
           || case when c.relname <> p.remote_name then array[format('alter foreign table %I.%I rename to %I', n.nspname, p.remote_name, c.relname)] else '{}' end
           -- What the mapping does not show, as far as is known: with it in the picture every row would differ from the mapping's.
           || array(select format('alter foreign table %s drop column if exists %I', p.foreign_table, x.column_name)
                      from (select l.column_name::text from replication.left_out_column l where l.foreign_table = p.foreign_table
                            union
                            select d.column_name from replication.schema_drift() d
                             where d.foreign_table = p.foreign_table and p.view_name is not null and d.shown_type is null and d.there_position is not null) x
                     order by x.column_name)
           || array(select format('grant %s on %s to %s', lower(string_agg(x.privilege_type, ', ' order by x.privilege_type)), p.foreign_table, x.grantee::regrole)
                      from aclexplode(c.relacl) x where x.grantee not in (0, c.relowner) group by x.grantee order by x.grantee::regrole::text)
      from replication.pictured_table() p
      join pg_class c on c.oid = p.relation
      join pg_namespace n on n.oid = c.relnamespace
     where p.foreign_table = of_foreign_table
$$;

comment on function replication.import_steps(text) is 'The statements that import one old table anew. Null when there is no such imported table.';
revoke execute on function replication.import_steps(text) from public;
grant execute on function replication.import_steps(text) to portal_app;

create or replace function replication.columns_of(of_relation text) returns jsonb
language sql stable security invoker set search_path = pg_catalog, pg_temp
as $$
    select jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull) order by a.attnum)
      from pg_attribute a where a.attrelid = to_regclass(of_relation) and a.attnum > 0 and not a.attisdropped
$$;

comment on function replication.columns_of(text) is 'The columns of a table, for the audit log.';
revoke execute on function replication.columns_of(text) from public;

create or replace function replication.import_anew(of_foreign_table text, previewed text[], account text, reason text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '2s'
as $$
declare
    steps constant text[] := replication.import_steps(of_foreign_table);
    step text;
    was constant jsonb := replication.columns_of(of_foreign_table);
begin
    if coalesce(btrim(reason), '') = '' or coalesce(btrim(account), '') = '' then
        raise exception using errcode = 'check_violation', message = 'who imports a table anew has to say who and why';
    end if;
    if steps is distinct from previewed then
        raise exception using errcode = 'object_not_in_prerequisite_state', message = 'what would be done is not what was shown before';
    end if;
    foreach step in array steps loop
        -- An import of a table that is not there imports nothing, and says nothing.
        if to_regclass(of_foreign_table) is null and step not like 'import %' and step not like '%rename to%' then
            raise exception using errcode = 'undefined_table', message = format('the old database has no table for %s', of_foreign_table);
        end if;
        execute step;
    end loop;
    if to_regclass(of_foreign_table) is null then
        raise exception using errcode = 'undefined_table', message = format('the old database has no table for %s', of_foreign_table);
    end if;
    insert into replication.audit (account, action, subject, reason, before, after)
    values (account, 'import anew', of_foreign_table, reason,
            jsonb_build_object('columns', was), jsonb_build_object('columns', replication.columns_of(of_foreign_table), 'statements', to_jsonb(steps)));
end $$;

comment on function replication.import_anew(text, text[], text, text) is
    'Takes the picture of one old table anew, in this one transaction, by the steps that were shown before; notes who did it and why.';
revoke execute on function replication.import_anew(text, text[], text, text) from public;
grant execute on function replication.import_anew(text, text[], text, text) to portal_app;

create or replace function replication.leave_out_column(of_foreign_table text, of_column text, leave_out boolean, account text, reason text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '2s'
as $$
begin
    if coalesce(btrim(reason), '') = '' or coalesce(btrim(account), '') = '' then
        raise exception using errcode = 'check_violation', message = 'who leaves a column out has to say who and why';
    end if;
    if not exists (select from replication.schema_drift() d
                    where d.foreign_table = of_foreign_table and d.column_name = of_column and (d.shown_type is null or not leave_out)) then
        raise exception using errcode = 'object_not_in_prerequisite_state', message = format('%s of %s cannot be left out', of_column, of_foreign_table);
    end if;
    if leave_out then
        insert into replication.left_out_column (foreign_table, column_name, account, reason) values (of_foreign_table, of_column, account, reason)
        on conflict (foreign_table, column_name) do update set account = excluded.account, reason = excluded.reason, since = clock_timestamp();
        perform replication.apply_left_out();
    else
        delete from replication.left_out_column l where l.foreign_table = of_foreign_table and l.column_name = of_column;
    end if;
    insert into replication.audit (account, action, subject, reason)
    values (account, case when leave_out then 'leave out column' else 'take in column' end, of_column || ' of ' || of_foreign_table, reason);
end $$;

comment on function replication.leave_out_column(text, text, boolean, text, text) is
    'Leaves a column that the mapping does not show out of the picture of an old table, now and at every import, or no longer; notes who did it and why.';
revoke execute on function replication.leave_out_column(text, text, boolean, text, text) from public;
grant execute on function replication.leave_out_column(text, text, boolean, text, text) to portal_app;

create or replace function replication.apply_left_out() returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    unwanted record;
begin
    for unwanted in
        select p.foreign_table, a.attname
          from replication.pictured_table() p
          join pg_attribute a on a.attrelid = p.relation and a.attnum > 0 and not a.attisdropped
         where exists (select from replication.left_out_column l where l.foreign_table = p.foreign_table and l.column_name = a.attname)
            or (p.view_name is not null
                and not exists (select from pg_attribute v where v.attrelid = to_regclass(p.view_name) and v.attname = a.attname and v.attnum > 0))
    loop
        execute format('alter foreign table %s drop column %I', unwanted.foreign_table::regclass, unwanted.attname);
    end loop;
end $$;

comment on function replication.apply_left_out() is
    'Takes from the pictures the columns that are left out on purpose, and those that the mapping does not show: with them every row would differ from the mapping''s.';
revoke execute on function replication.apply_left_out() from public;
