-- What residents think of how they were served, and what is done about low answers.

create table rating_point (
  -- How a point asks; made with the defaults when its poster is first looked at.
  point_id {uuid} primary key references service_point (id),
  -- What its poster leads to.
  code {text} not null unique,
  scale {text} not null,
  -- Working days within which a corrective action is due.
  due_working_days {int} not null
);

create table rating (
  -- Of nobody: a ticket names no person, and `visitor` is a hash that changes with the day.
  id {uuid} primary key,
  point_id {uuid} not null references service_point (id),
  ticket_id {uuid} unique references ticket (id),
  visitor {bytes} unique,
  source {text} not null,
  -- As the ticket, or the poster, said when it was rated.
  counter {text},
  -- Codes.
  procedures {json} not null,
  at {instant} not null,
  day {day} not null,
  -- Topic to step, after the last row of rating_tap.
  answers {json} not null,
  comment {text},
  comment_state {text},
  comment_at {instant},
  comment_by {uuid} references member (id)
);
create index rating_of on rating (point_id, day);

create table rating_tap (
  -- Everything that was tapped. `tap_id` is minted in the page: what arrives twice counts once.
  id {serial},
  tap_id {uuid} not null,
  rating_id {uuid} not null references rating (id),
  topic {text} not null,
  step {text} not null,
  at {instant} not null,
  unique (tap_id, topic, step)
);
create index rating_tap_of on rating_tap (rating_id);

create table rating_action (
  id {uuid} primary key,
  point_id {uuid} not null references service_point (id),
  topic {text} not null,
  opened_on {day} not null,
  due_on {day} not null,
  -- How things stand after the last row of rating_action_act.
  stage {text} not null,
  owner_id {uuid} references member (id)
);
create unique index rating_action_one on rating_action (point_id, topic) where stage in ('opened', 'cause_found', 'done');
create index rating_action_owner on rating_action (owner_id);

create table rating_action_act (
  -- Everything that was done about an action. `act_id` is minted by who does it.
  id {serial},
  act_id {uuid} not null unique,
  action_id {uuid} not null references rating_action (id),
  act {text} not null,
  -- Whom it is opened for or given to.
  owner_id {uuid} references member (id),
  note {text} not null,
  at {instant} not null,
  -- Nobody, when a rating did it.
  by_id {uuid} references member (id)
);
create index rating_action_act_of on rating_action_act (action_id);

create table rating_low (
  -- Which action a low answer belongs to.
  rating_id {uuid} not null references rating (id),
  topic {text} not null,
  action_id {uuid} not null references rating_action (id),
  primary key (rating_id, topic)
);
create index rating_low_of on rating_low (action_id);

create table rating_export (
  -- Who took ratings out, of where and when, and how many.
  id {uuid} primary key,
  at {instant} not null,
  member_id {uuid} not null references member (id),
  format {text} not null,
  place_id {text} not null references place (id),
  first_day {day} not null,
  last_day {day} not null,
  lines {int} not null
);
