-- Which rows somebody else than the replication has written. There is no guard yet that records it, so nobody is known to
-- have: whoever installs one replaces this function, and comparison and repair know.

create or replace function portal_replication.written_by_others(target text, keys bigint[])
returns table (key bigint, at timestamptz, written_by text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select null::bigint, null::timestamptz, null::text where false
$$;

comment on function portal_replication.written_by_others(text, bigint[]) is
    'The rows among these that somebody else than the replication has written since it last did, with when and who. A repair does not overwrite them unasked.';
revoke execute on function portal_replication.written_by_others(text, bigint[]) from public;
grant execute on function portal_replication.written_by_others(text, bigint[]) to portal_app;
