-- What only PostgreSQL needs.

-- Facts lie apart by the time in their ids (UUIDv7: milliseconds since 1970), a quarter
-- each: a year's end can be moved to slower disks, and an index stays small enough to
-- be kept in memory. Ids of clocks that are years off go to the last one.
create table fact_2024_q1 partition of fact for values from ('018cc251-f400-0000-0000-000000000000') to ('018e96f4-a800-0000-0000-000000000000');
create table fact_2024_q2 partition of fact for values from ('018e96f4-a800-0000-0000-000000000000') to ('01906b97-5c00-0000-0000-000000000000');
create table fact_2024_q3 partition of fact for values from ('01906b97-5c00-0000-0000-000000000000') to ('01924560-6c00-0000-0000-000000000000');
create table fact_2024_q4 partition of fact for values from ('01924560-6c00-0000-0000-000000000000') to ('01941f29-7c00-0000-0000-000000000000');
create table fact_2025_q1 partition of fact for values from ('01941f29-7c00-0000-0000-000000000000') to ('0195eea5-d400-0000-0000-000000000000');
create table fact_2025_q2 partition of fact for values from ('0195eea5-d400-0000-0000-000000000000') to ('0197c348-8800-0000-0000-000000000000');
create table fact_2025_q3 partition of fact for values from ('0197c348-8800-0000-0000-000000000000') to ('01999d11-9800-0000-0000-000000000000');
create table fact_2025_q4 partition of fact for values from ('01999d11-9800-0000-0000-000000000000') to ('019b76da-a800-0000-0000-000000000000');
create table fact_2026_q1 partition of fact for values from ('019b76da-a800-0000-0000-000000000000') to ('019d4657-0000-0000-0000-000000000000');
create table fact_2026_q2 partition of fact for values from ('019d4657-0000-0000-0000-000000000000') to ('019f1af9-b400-0000-0000-000000000000');
create table fact_2026_q3 partition of fact for values from ('019f1af9-b400-0000-0000-000000000000') to ('01a0f4c2-c400-0000-0000-000000000000');
create table fact_2026_q4 partition of fact for values from ('01a0f4c2-c400-0000-0000-000000000000') to ('01a2ce8b-d400-0000-0000-000000000000');
create table fact_2027_q1 partition of fact for values from ('01a2ce8b-d400-0000-0000-000000000000') to ('01a49e08-2c00-0000-0000-000000000000');
create table fact_2027_q2 partition of fact for values from ('01a49e08-2c00-0000-0000-000000000000') to ('01a672aa-e000-0000-0000-000000000000');
create table fact_2027_q3 partition of fact for values from ('01a672aa-e000-0000-0000-000000000000') to ('01a84c73-f000-0000-0000-000000000000');
create table fact_2027_q4 partition of fact for values from ('01a84c73-f000-0000-0000-000000000000') to ('01aa263d-0000-0000-0000-000000000000');
create table fact_2028_q1 partition of fact for values from ('01aa263d-0000-0000-0000-000000000000') to ('01abfadf-b400-0000-0000-000000000000');
create table fact_2028_q2 partition of fact for values from ('01abfadf-b400-0000-0000-000000000000') to ('01adcf82-6800-0000-0000-000000000000');
create table fact_2028_q3 partition of fact for values from ('01adcf82-6800-0000-0000-000000000000') to ('01afa94b-7800-0000-0000-000000000000');
create table fact_2028_q4 partition of fact for values from ('01afa94b-7800-0000-0000-000000000000') to ('01b18314-8800-0000-0000-000000000000');
create table fact_2029_q1 partition of fact for values from ('01b18314-8800-0000-0000-000000000000') to ('01b35290-e000-0000-0000-000000000000');
create table fact_2029_q2 partition of fact for values from ('01b35290-e000-0000-0000-000000000000') to ('01b52733-9400-0000-0000-000000000000');
create table fact_2029_q3 partition of fact for values from ('01b52733-9400-0000-0000-000000000000') to ('01b700fc-a400-0000-0000-000000000000');
create table fact_2029_q4 partition of fact for values from ('01b700fc-a400-0000-0000-000000000000') to ('01b8dac5-b400-0000-0000-000000000000');
create table fact_2030_q1 partition of fact for values from ('01b8dac5-b400-0000-0000-000000000000') to ('01baaa42-0c00-0000-0000-000000000000');
create table fact_2030_q2 partition of fact for values from ('01baaa42-0c00-0000-0000-000000000000') to ('01bc7ee4-c000-0000-0000-000000000000');
create table fact_2030_q3 partition of fact for values from ('01bc7ee4-c000-0000-0000-000000000000') to ('01be58ad-d000-0000-0000-000000000000');
create table fact_2030_q4 partition of fact for values from ('01be58ad-d000-0000-0000-000000000000') to ('01c03276-e000-0000-0000-000000000000');
create table fact_2031_q1 partition of fact for values from ('01c03276-e000-0000-0000-000000000000') to ('01c201f3-3800-0000-0000-000000000000');
create table fact_2031_q2 partition of fact for values from ('01c201f3-3800-0000-0000-000000000000') to ('01c3d695-ec00-0000-0000-000000000000');
create table fact_2031_q3 partition of fact for values from ('01c3d695-ec00-0000-0000-000000000000') to ('01c5b05e-fc00-0000-0000-000000000000');
create table fact_2031_q4 partition of fact for values from ('01c5b05e-fc00-0000-0000-000000000000') to ('01c78a28-0c00-0000-0000-000000000000');
create table fact_2032_q1 partition of fact for values from ('01c78a28-0c00-0000-0000-000000000000') to ('01c95eca-c000-0000-0000-000000000000');
create table fact_2032_q2 partition of fact for values from ('01c95eca-c000-0000-0000-000000000000') to ('01cb336d-7400-0000-0000-000000000000');
create table fact_2032_q3 partition of fact for values from ('01cb336d-7400-0000-0000-000000000000') to ('01cd0d36-8400-0000-0000-000000000000');
create table fact_2032_q4 partition of fact for values from ('01cd0d36-8400-0000-0000-000000000000') to ('01cee6ff-9400-0000-0000-000000000000');
create table fact_2033_q1 partition of fact for values from ('01cee6ff-9400-0000-0000-000000000000') to ('01d0b67b-ec00-0000-0000-000000000000');
create table fact_2033_q2 partition of fact for values from ('01d0b67b-ec00-0000-0000-000000000000') to ('01d28b1e-a000-0000-0000-000000000000');
create table fact_2033_q3 partition of fact for values from ('01d28b1e-a000-0000-0000-000000000000') to ('01d464e7-b000-0000-0000-000000000000');
create table fact_2033_q4 partition of fact for values from ('01d464e7-b000-0000-0000-000000000000') to ('01d63eb0-c000-0000-0000-000000000000');
create table fact_2034_q1 partition of fact for values from ('01d63eb0-c000-0000-0000-000000000000') to ('01d80e2d-1800-0000-0000-000000000000');
create table fact_2034_q2 partition of fact for values from ('01d80e2d-1800-0000-0000-000000000000') to ('01d9e2cf-cc00-0000-0000-000000000000');
create table fact_2034_q3 partition of fact for values from ('01d9e2cf-cc00-0000-0000-000000000000') to ('01dbbc98-dc00-0000-0000-000000000000');
create table fact_2034_q4 partition of fact for values from ('01dbbc98-dc00-0000-0000-000000000000') to ('01dd9661-ec00-0000-0000-000000000000');
create table fact_2035_q1 partition of fact for values from ('01dd9661-ec00-0000-0000-000000000000') to ('01df65de-4400-0000-0000-000000000000');
create table fact_2035_q2 partition of fact for values from ('01df65de-4400-0000-0000-000000000000') to ('01e13a80-f800-0000-0000-000000000000');
create table fact_2035_q3 partition of fact for values from ('01e13a80-f800-0000-0000-000000000000') to ('01e3144a-0800-0000-0000-000000000000');
create table fact_2035_q4 partition of fact for values from ('01e3144a-0800-0000-0000-000000000000') to ('01e4ee13-1800-0000-0000-000000000000');
create table fact_other partition of fact default;
create index fact_rev on fact (rev);

create table journal (
  -- What nodes keep in memory, as each transaction changed it (platform::db::journal).
  id bigint generated always as identity primary key,
  xid bigint not null,
  at timestamptz not null,
  entries jsonb not null
);
create index journal_xid on journal (xid);

-- SQLite's name of strpos.
create function instr(text, text) returns integer language sql immutable strict parallel safe
  as 'select strpos($1, $2)';
