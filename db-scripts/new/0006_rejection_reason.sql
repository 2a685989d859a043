-- A rejection without any reason passed the check as well, because a condition that is null holds.

alter table timesheet_history
    drop constraint timesheet_history_rejection_has_reason,
    add constraint timesheet_history_rejection_has_reason check (action <> 'rejected' or coalesce(btrim(reason), '') <> '');
