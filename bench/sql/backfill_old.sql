-- What an old database holds: numbers rise with dates, most shifts are paid long since, and one row in ten thousand
-- contradicts itself. Each worker works every day, one of four shifts, at one of five rates.
insert into timesheet_old
select n, w.id, w.hospital_id, s.status, s.status = 'approved' and n % 10000 <> 5000, 'Worker ' || w.id, 'Hospital ' || w.hospital_id,
       h.shift_date, h.start_time, h.end_time, h.break_minutes, round(p.seconds / 3600, 2), round(p.seconds * w.hourly_rate / 3600, 2),
       s.status = 'approved' and d.day < 0.89 * ({rows} / 1000.0)
  from generate_series(1, {rows}) n
 cross join lateral (select (n - 1) / 1000 as day) d
 cross join lateral (
       select 1 + n % 1000 as id,
              -- Every fifth shift is at another hospital than the worker's own.
              1 + (n % 1000 + case when d.day % 5 = 0 then d.day / 5 else 0 end) % 20 as hospital_id,
              17.85 + n % 1000 % 5 * 2.15 as hourly_rate) w
  join (values (0, time '07:00', time '15:00', 30), (1, '07:30', '20:00', 60), (2, '13:00', '21:30', 30), (3, '19:30', '08:00', 60))
       t (pattern, start_time, end_time, break_minutes) on t.pattern = w.id % 4
 cross join lateral (select date '2022-01-01' + d.day as shift_date, t.start_time, t.end_time, t.break_minutes) h
 cross join lateral (select case when w.hospital_id % 4 = 0 then 'Europe/Malta' else 'Europe/London' end as time_zone) z
 cross join lateral (
       select extract(epoch from (h.shift_date + h.end_time + case when h.end_time <= h.start_time then interval '1 day' else interval '0' end) at time zone z.time_zone
                               - (h.shift_date + h.start_time) at time zone z.time_zone) - 60 * h.break_minutes as seconds) p
 cross join lateral (
       select case when d.day < 0.89 * ({rows} / 1000.0) then case when n % 100 = 7 then 'rejected' else 'approved' end
                   when n % 11 < 5 then 'approved' when n % 11 < 8 then 'submitted' else 'draft' end as status) s;
