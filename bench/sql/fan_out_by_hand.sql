-- In place of the article's trigger for the options: whoever wrote it knew that only the hospital of options changes, and that all
-- hospitals keep the same time. So it reads no view and writes two columns of all timesheets in one statement. Any other change of
-- options leaves the old rows wrong.

create or replace function public.options_updated() returns trigger
language plpgsql
as $$
declare
    shown bigint[] := array(select t.id from public.timesheet_new t where t.timesheet_options_id = new.id);
    name text;
begin
    select h.name into name from public.hospital h where h.id = new.hospital_id;
    update timesheet_old_schema.timesheet_old set hospital_id = new.hospital_id, hospital_name = name where id = any (shown);
    return null;
end $$;

comment on function public.options_updated() is 'Trigger function: writes another hospital of the options to all their timesheets in the old database.';

drop trigger records_changed on public.timesheet_options;
create constraint trigger options_updated after update on public.timesheet_options
    deferrable initially deferred for each row execute function public.options_updated();

grant execute on function public.options_updated() to portal_app;
