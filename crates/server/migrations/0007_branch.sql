-- The branch workspace: tasks, directives from above with what came of them, codes of meetings.

create table task (
  -- As its facts leave it; `causo verify` compares it with them.
  id {uuid} primary key,
  team_id {uuid} not null references team (id),
  title {text} not null,
  note {text},
  -- Who; the whole team if absent.
  member_id {uuid} references member (id),
  due_on {day},
  -- What it comes from: domain::branch::TaskSource
  source {json},
  state {text} not null,
  given_at {instant} not null,
  given_by {uuid} not null references member (id),
  changed_at {instant} not null,
  changed_by {uuid} not null references member (id),
  rev {int} not null
);
create index task_team on task (team_id);
create index task_due on task (due_on) where state in ('open', 'doing');

create table directive (
  id {uuid} primary key,
  place_id {text} not null references place (id),
  -- Only teams of this kind; all if absent.
  team_kind {text},
  title {text} not null,
  text {text} not null,
  -- Number and sign of the document, and its day.
  number {text} not null,
  issued_on {day},
  due_on {day},
  -- What is to be told: a few words, a number and of what.
  asks_text {bool} not null,
  asks_number {text} not null,
  sent_at {instant} not null,
  sent_by {uuid} not null references member (id),
  withdrawn_at {instant}
);

create table directive_team (
  -- Whom it reached, and what came of it there, as the facts leave it.
  directive_id {uuid} not null references directive (id),
  team_id {uuid} not null references team (id),
  reminded_at {instant},
  read_at {instant},
  read_by {uuid} references member (id),
  reported_at {instant},
  reported_by {uuid} references member (id),
  text {text},
  number {int},
  rev {int} not null,
  primary key (directive_id, team_id)
);
create index directive_team_of on directive_team (team_id, rev);

create table directive_passing (
  -- An office in between passed it on, with words and perhaps a day of its own.
  id {uuid} primary key,
  directive_id {uuid} not null references directive (id),
  place_id {text} not null references place (id),
  text {text} not null,
  due_on {day},
  at {instant} not null,
  by_id {uuid} not null references member (id)
);
create index directive_passing_of on directive_passing (directive_id);

create table activity_key (
  -- Secrets that the codes shown at an activity are made from, and until when.
  activity_id {uuid} not null references activity (id),
  secret {bytes} not null,
  until {instant},
  primary key (activity_id, secret)
);
