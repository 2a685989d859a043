-- To the article's trigger, the least that keeps its rows equal under contention: locks until the commit is over, taken before
-- its functions read anything. No savepoint, so the old database fails the user's transaction; no outbox, one statement a row,
-- and only the tables of this mix. So it shows what such locks cost whoever takes them.

create or replace function public.lock_first() returns trigger
language plpgsql
as $$
declare
    lock_class constant integer := hashtext('locks alone');
    shown bigint;
begin
    if tg_relid = 'public.timesheet_new'::regclass then
        perform pg_advisory_xact_lock_shared(lock_class, -1 - new.timesheet_options_id::integer);
        perform pg_advisory_xact_lock(lock_class, new.id::integer);
    else
        perform pg_advisory_xact_lock(lock_class, -1 - new.id::integer);
        -- Who is moved away meanwhile is not shown any more when they are read, and nobody is moved here.
        for shown in select t.id from public.timesheet_new t where t.timesheet_options_id = new.id order by t.id loop
            perform pg_advisory_xact_lock(lock_class, shown::integer);
        end loop;
    end if;
    return null;
end $$;

comment on function public.lock_first() is 'Trigger function: locks what the article''s function is going to read and write.';

-- Triggers fire in the order of their names, so these before the article's.
drop trigger if exists lock_first on public.timesheet_new;
create constraint trigger lock_first
    after update on public.timesheet_new
    deferrable initially deferred
    for each row execute function public.lock_first();

drop trigger if exists lock_first on public.timesheet_options;
create constraint trigger lock_first
    after update on public.timesheet_options
    deferrable initially deferred
    for each row execute function public.lock_first();

grant execute on function public.lock_first() to portal_app;

-- As the engine's sessions.
alter server timesheet_old_server options (add options '-c synchronous_commit=off');
