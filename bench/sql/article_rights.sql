-- The article's functions run as whoever writes, over a foreign server as postgres_fdw's manual makes one.

grant execute on function public.new_records_inserted(), public.records_changed(), public.update_old_row(bigint) to portal_app;
grant insert, update, delete on timesheet_old_schema.timesheet_old to portal_app;
alter server timesheet_old_server options (drop options, drop batch_size, drop fetch_size);
