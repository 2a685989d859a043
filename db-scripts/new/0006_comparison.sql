-- What comparisons of old with new have found, and what was repaired. Rows travel only where they differ.

create table replication.comparison (
    id                bigint generated always as identity primary key,
    mapping           text not null references replication.mapping on delete cascade,
    account           text not null,
    origin            text not null check (origin in ('asked', 'command', 'schedule')),
    state             text not null default 'running' check (state in ('running', 'paused', 'stopped', 'finished', 'failed')),
    started_at        timestamptz not null default clock_timestamp(),
    finished_at       timestamptz,
    max_share         real not null default 1 check (max_share > 0 and max_share <= 1),
    timeout_ms        integer not null default 60000 check (timeout_ms >= 100),
    expected          bigint,
    next_key          bigint,
    compared          bigint not null default 0,
    worked_ms         bigint not null default 0,
    chunks            bigint not null default 0,
    opened            bigint not null default 0,
    missing           bigint not null default 0,
    extra             bigint not null default 0,
    different         bigint not null default 0,
    left_out          bigint not null default 0,
    passing           bigint not null default 0,
    problem           text,
    constraint comparison_finished_at_when_over check ((finished_at is null) = (state in ('running', 'paused')))
);

comment on table replication.comparison is 'Comparisons of a whole old table with what the mapping shows, one row each. Who works on a running one holds the advisory lock (hashtext(''replication.comparison''), id).';
comment on column replication.comparison.id is 'Number of the comparison.';
comment on column replication.comparison.mapping is 'Which old table.';
comment on column replication.comparison.account is 'Who asked for it: the portal''s account or the command line''s user; who made the schedule, for a scheduled one.';
comment on column replication.comparison.origin is 'asked: on the page. command: on the command line. schedule: its time had come.';
comment on column replication.comparison.state is 'running and paused go on from next_key; the others are over.';
comment on column replication.comparison.started_at is 'When it was asked for.';
comment on column replication.comparison.finished_at is 'When it was over.';
comment on column replication.comparison.max_share is 'Part of the time in which it may keep the databases busy. Below 1 it uses one process on each side at most.';
comment on column replication.comparison.timeout_ms is 'A statement that takes longer is given up and made for fewer rows.';
comment on column replication.comparison.expected is 'Rows there will be to compare, as estimated at the beginning.';
comment on column replication.comparison.next_key is 'It goes on with this key; null at the beginning and at the end.';
comment on column replication.comparison.compared is 'Rows compared: keys that either side has.';
comment on column replication.comparison.worked_ms is 'How long it was really worked on, rests left out.';
comment on column replication.comparison.chunks is 'Chunks whose hashes were compared.';
comment on column replication.comparison.opened is 'Chunks that were opened because their hashes differed.';
comment on column replication.comparison.missing is 'Rows that are not in the old table.';
comment on column replication.comparison.extra is 'Rows that only the old table has.';
comment on column replication.comparison.different is 'Rows that both have, with different values.';
comment on column replication.comparison.left_out is 'Rows that differ because they were not taken over from the old table; they are in none of the three numbers before.';
comment on column replication.comparison.passing is 'Rows that looked different and were equal when looked at again under their key''s lock: they were just being written.';
comment on column replication.comparison.problem is 'Why it failed, or cannot go on at the moment, in words for an admin.';

create index comparison_newest_idx on replication.comparison (mapping, id desc);
create index comparison_open_idx on replication.comparison (id) where state in ('running', 'paused');

create table replication.comparison_difference (
    comparison  bigint not null references replication.comparison on delete cascade,
    key         bigint not null,
    kind        text not null check (kind in ('missing', 'extra', 'different')),
    cause       text not null check (cause in ('queued', 'set_aside', 'written_by_other', 'trigger_off', 'left_out', 'unknown')),
    cells       jsonb not null,
    found_at    timestamptz not null default clock_timestamp(),
    primary key (comparison, key)
);

comment on table replication.comparison_difference is 'Rows that a comparison found different, also when looked at again under their key''s lock.';
comment on column replication.comparison_difference.comparison is 'Which comparison.';
comment on column replication.comparison_difference.key is 'The row''s key.';
comment on column replication.comparison_difference.kind is 'missing: not in the old table. extra: only there. different: in both.';
comment on column replication.comparison_difference.cause is 'The likely cause: waits in the outbox, refused by the old table, written there by somebody else, a trigger did not fire, left out when old rows were taken over, or not known.';
comment on column replication.comparison_difference.cells is 'The values that differ when it was found: {"column": {"new": text, "old": text}}, without new or old where there is no row.';
comment on column replication.comparison_difference.found_at is 'When.';

create index comparison_difference_kind_idx on replication.comparison_difference (comparison, kind, key);
create index comparison_difference_cause_idx on replication.comparison_difference (comparison, cause, key);

create table replication.comparison_schedule (
    mapping     text primary key references replication.mapping on delete cascade,
    cron        text not null,
    enabled     boolean not null default true,
    max_share   real not null default 0.5 check (max_share > 0 and max_share <= 1),
    account     text not null,
    due_after   timestamptz not null default clock_timestamp()
);

comment on table replication.comparison_schedule is 'When comparisons begin by themselves.';
comment on column replication.comparison_schedule.mapping is 'Which old table.';
comment on column replication.comparison_schedule.cron is 'Minute, hour, day of month, month, day of week, in UTC.';
comment on column replication.comparison_schedule.enabled is 'Whether it counts.';
comment on column replication.comparison_schedule.max_share is 'max_share of the comparisons it begins.';
comment on column replication.comparison_schedule.account is 'Who made it.';
comment on column replication.comparison_schedule.due_after is 'The next one begins at the first time after this.';

create table replication.repair (
    id           bigint generated always as identity primary key,
    mapping      text not null references replication.mapping on delete cascade,
    comparison   bigint references replication.comparison on delete set null,
    account      text not null,
    why          text not null check (btrim(why) <> ''),
    overwrite    boolean not null default false,
    state        text not null default 'running' check (state in ('running', 'stopped', 'finished', 'failed')),
    started_at   timestamptz not null default clock_timestamp(),
    finished_at  timestamptz,
    problem      text,
    constraint repair_finished_at_when_over check ((finished_at is null) = (state = 'running'))
);

comment on table replication.repair is 'Repairs: rows to be written anew from the new side, one row for each time somebody asked. Who works on a running one holds the advisory lock (hashtext(''replication.repair''), id).';
comment on column replication.repair.id is 'Number of the repair.';
comment on column replication.repair.mapping is 'Which old table.';
comment on column replication.repair.comparison is 'The comparison that found the rows; null when keys were given.';
comment on column replication.repair.account is 'Who asked for it.';
comment on column replication.repair.why is 'Why, in the words of who asked.';
comment on column replication.repair.overwrite is 'Whether rows that somebody else has written in the old database may be overwritten. Otherwise they are kept.';
comment on column replication.repair.state is 'running goes on with the rows that have no outcome; the others are over.';
comment on column replication.repair.started_at is 'When it was asked for.';
comment on column replication.repair.finished_at is 'When it was over.';
comment on column replication.repair.problem is 'Why it failed, or cannot go on at the moment, in words for an admin.';

create index repair_running_idx on replication.repair (id) where state = 'running';

create table replication.repair_row (
    repair   bigint not null references replication.repair on delete cascade,
    key      bigint not null,
    outcome  text check (outcome in ('repaired', 'same', 'waiting', 'refused', 'kept')),
    cells    jsonb,
    done_at  timestamptz,
    primary key (repair, key),
    constraint repair_row_done_with_outcome check ((outcome is null) = (done_at is null))
);

comment on table replication.repair_row is 'The rows of a repair.';
comment on column replication.repair_row.repair is 'Which repair.';
comment on column replication.repair_row.key is 'The row''s key.';
comment on column replication.repair_row.outcome is 'Null: not done yet. repaired: it is equal now. same: it was equal already. waiting: in the outbox still. refused: the old table does not accept it. kept: written by somebody else, or not taken over from the old table; left as it was.';
comment on column replication.repair_row.cells is 'How it differed before, as in comparison_difference.';
comment on column replication.repair_row.done_at is 'When it was done.';

create index repair_row_to_do_idx on replication.repair_row (repair, key) where outcome is null;

grant select on replication.comparison, replication.comparison_difference, replication.comparison_schedule,
                replication.repair, replication.repair_row to portal_app;
-- Whoever works on a comparison or a repair keeps its state; beginning and switching is done by functions, which note who did it.
grant update (state, finished_at, expected, next_key, compared, worked_ms, chunks, opened, missing, extra, different, left_out, passing, problem)
    on replication.comparison to portal_app;
grant insert, update, delete on replication.comparison_difference to portal_app;
grant update (due_after) on replication.comparison_schedule to portal_app;
grant update (problem) on replication.repair to portal_app;
grant update (outcome, cells, done_at) on replication.repair_row to portal_app;
