-- Takes the engine's triggers away.

do $$
declare
    t record;
begin
    for t in select * from replication.expected_trigger loop
        execute format('drop trigger %I on %s', t.trigger_name, t.table_name);
    end loop;
end $$;
