-- Support for those at work: what is paid for a month, and to whom; and hours that are
-- certified.

create table allowance_policy (
  id {uuid} primary key,
  -- The teams at home here and below.
  place_id {text} not null references place (id),
  name {text} not null,
  -- The decision it follows from.
  source {text} not null,
  -- domain::allowances::Policy
  definition {json} not null,
  valid_from {day} not null,
  valid_to {day},
  rev {int} not null
);

create table other_support (
  -- Support for the same work that somebody has from elsewhere in a month (its first day).
  member_id {uuid} not null references member (id),
  month {day} not null,
  code {text} not null,
  note {text} not null,
  at {instant} not null,
  by_id {uuid} not null references member (id),
  primary key (member_id, month, code)
);

create table allowance_decision (
  -- For which team the days of somebody count who would be paid twice; for none without one.
  policy_id {uuid} not null references allowance_policy (id),
  month {day} not null,
  member_id {uuid} not null references member (id),
  team_id {uuid} references team (id),
  reason {text} not null,
  at {instant} not null,
  by_id {uuid} not null references member (id),
  primary key (policy_id, month, member_id)
);

create table allowance_top_up (
  -- What a commune adds for a team.
  policy_id {uuid} not null references allowance_policy (id),
  month {day} not null,
  team_id {uuid} not null references team (id),
  vnd {int} not null,
  at {instant} not null,
  by_id {uuid} not null references member (id),
  primary key (policy_id, month, team_id)
);

create table allowance_sheet (
  -- A commune's list once it is locked, as it was then.
  policy_id {uuid} not null references allowance_policy (id),
  place_id {text} not null references place (id),
  month {day} not null,
  content {json} not null,
  total_vnd {int} not null,
  at {instant} not null,
  by_id {uuid} not null references member (id),
  primary key (policy_id, place_id, month)
);

create table certificate (
  -- Hours as they were certified. Nothing but the place refers to another table: a
  -- certificate outlives what the register keeps of its people.
  id {uuid} primary key,
  code {text} not null unique,
  member_id {uuid} not null,
  -- Where they were at home: its officers withdraw it.
  place_id {text} not null references place (id),
  -- domain::certificates::Certificate
  content {json} not null,
  seal {text} not null,
  issued_at {instant} not null,
  by_id {uuid} not null,
  withdrawn_at {instant},
  withdrawn_by {uuid},
  reason {text}
);
create index certificate_member on certificate (member_id, issued_at);
