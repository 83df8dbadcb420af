-- Points, activities, rosters and who was there.

create table service_point (
  id {uuid} primary key,
  place_id {text} not null references place (id),
  name {text} not null,
  fold {text} not null,
  kind {text} not null,
  address {text} not null,
  -- Millionths of a degree.
  lat_e6 {int},
  lon_e6 {int},
  -- By weekday: spans of local time in which it is open.
  hours {json} not null,
  -- From what the codes shown at the point are made; it leaves the server only for that point.
  secret {bytes} not null,
  valid_from {day},
  valid_to {day},
  -- domain::points::Agreement
  agreement {json},
  rev {int} not null,
  unique (place_id, fold)
);

create table point_key (
  -- Secrets that a point's codes were made from until it was given another. Facts recorded
  -- without a network arrive later.
  point_id {uuid} not null references service_point (id),
  secret {bytes} not null,
  until {instant} not null,
  primary key (point_id, until)
);

create table staffing_rule (
  -- How many people, able to do what, a point needs when; made from an agreement or an order.
  id {uuid} primary key,
  point_id {uuid} not null references service_point (id),
  -- domain::rosters::Rule
  definition {json} not null,
  -- domain::rosters::Document
  source {json} not null,
  valid_from {day} not null,
  valid_to {day},
  rev {int} not null
);
create index staffing_rule_of on staffing_rule (point_id);

create table activity (
  -- Something planned, once or again and again: a launch, a peak day, Sundays, a meeting.
  id {uuid} primary key,
  kind {text} not null,
  title {text} not null,
  place_id {text} not null references place (id),
  point_id {uuid} references service_point (id),
  campaign_id {uuid} references campaign (id),
  starts_at {instant} not null,
  duration_min {int} not null,
  -- RFC 5545, without the first moment; empty for once.
  recurrence {text} not null,
  on_holidays {bool} not null,
  -- Where, by whom, with what: domain::activities::Details
  details {json} not null,
  cancelled_at {instant},
  created_by {uuid} not null references member (id),
  rev {int} not null
);
create index activity_place on activity (place_id);

create table activity_team (
  -- Teams that take part, beside those of the kinds its details name.
  activity_id {uuid} not null references activity (id),
  team_id {uuid} not null references team (id),
  primary key (activity_id, team_id)
);
create index activity_team_of on activity_team (team_id);

create table occurrence (
  -- What is different about one day of an activity: moved, called off, and why.
  activity_id {uuid} not null references activity (id),
  day {day} not null,
  details {json} not null,
  cancelled_at {instant},
  rev {int} not null,
  primary key (activity_id, day)
);

create table feed (
  -- A calendar that programs outside fetch under a secret address: of a member, of a team,
  -- or of one activity.
  id {uuid} primary key,
  token_hash {bytes} not null unique,
  kind {text} not null,
  about_id {uuid} not null,
  by_id {uuid} not null references member (id),
  at {instant} not null
);
create index feed_by on feed (by_id);

create table shift (
  id {uuid} primary key,
  point_id {uuid} not null references service_point (id),
  rule_id {uuid} references staffing_rule (id),
  day {day} not null,
  starts_at {instant} not null,
  ends_at {instant} not null,
  people_min {int} not null,
  people_max {int} not null,
  skills {json} not null,
  cancelled_at {instant},
  -- The last alert, in hours before it begins, at which its gap was told.
  alerted_h {int},
  rev {int} not null,
  unique (point_id, starts_at)
);
create index shift_day on shift (day);

create table assignment (
  -- Who stands at a shift. `offered_at` while they look for someone to take it over.
  shift_id {uuid} not null references shift (id),
  member_id {uuid} not null references member (id),
  source {text} not null,
  at {instant} not null,
  by_id {uuid} not null references member (id),
  offered_at {instant},
  primary key (shift_id, member_id)
);
create index assignment_who on assignment (member_id);

create table assignment_change (
  -- Every coming and going of an assignment, and the fact that asked for it.
  id {serial},
  shift_id {uuid} not null references shift (id),
  member_id {uuid} not null references member (id),
  change {text} not null,
  at {instant} not null,
  by_id {uuid} not null references member (id),
  fact_id {uuid},
  -- Why an officer or leader took it away.
  reason {text}
);
create index assignment_change_of on assignment_change (shift_id);

create table availability (
  -- When somebody can and would like to: domain::rosters::Availability
  member_id {uuid} primary key references member (id),
  definition {json} not null,
  rev {int} not null
);

create table attendance (
  -- What attendance facts that stand say, for the live board and for hours; `causo verify`
  -- compares it with the ledger.
  fact_id {uuid} primary key,
  member_id {uuid} not null references member (id),
  team_id {uuid} not null,
  place_id {text} not null references place (id),
  point_id {uuid},
  activity_id {uuid},
  day {day} not null,
  at {instant} not null,
  direction {text} not null,
  -- verified, plausible or doubtful, and why.
  standing {text} not null,
  why {text} not null
);
create index attendance_who on attendance (member_id, day);
create index attendance_where on attendance (place_id, day);
create index attendance_team on attendance (team_id, day);
create index attendance_activity on attendance (activity_id, day);
