-- The desk: how a point takes people in, its tickets, and everything done about them.

create table desk (
  point_id {uuid} primary key references service_point (id),
  -- domain::desk::Setup
  setup {json} not null,
  -- What posters show: opens the page on which people take a ticket themselves.
  code {text} not null unique,
  -- Counts changes of the set-up and steps of tickets; taken inside each, so its order is
  -- theirs.
  rev {int} not null,
  -- How many priority tickets in a row each counter has called.
  runs {json} not null,
  -- domain::desk::forecast::Paces, of the four weeks before this day.
  paces {json} not null,
  paces_on {day}
);

create table desk_device (
  -- A kiosk or a board, at which nobody is signed in: whoever has the token has the device.
  id {uuid} primary key,
  point_id {uuid} not null references desk (point_id),
  kind {text} not null,
  name {text} not null,
  token_hash {bytes} not null unique,
  -- A short code that leads to a new token, once, until then.
  pairing_hash {bytes},
  pairing_until {instant},
  created_by {uuid} not null references member (id),
  at {instant} not null,
  -- When it last showed itself, to five minutes.
  seen_at {instant},
  revoked_at {instant}
);
create index desk_device_of on desk_device (point_id);

create table ticket (
  -- As its steps leave it; `causo verify` plays them again. Says nobody's name.
  id {uuid} primary key,
  point_id {uuid} not null references desk (point_id),
  day {day} not null,
  number {text} not null,
  -- Of the server's own series for a letter and day; none for a device's.
  letter {text} not null,
  serial_no {int},
  code {text} not null unique,
  -- What it was taken for, domain::desk::Wanted.
  wanted {json} not null,
  -- domain::desk::ticket::Errand
  errands {json} not null,
  priority {text},
  language {text} not null,
  source {text} not null,
  -- What triage asked and was answered.
  triage {json},
  stage {text} not null,
  counter {text},
  calls {int} not null,
  since {instant} not null,
  stage_at {instant} not null,
  waited_s {int} not null,
  arrived_at {instant} not null,
  called_at {instant},
  started_at {instant},
  finished_at {instant},
  returned_at {instant},
  forecast_s {int},
  played_s {int},
  rev {int} not null
);
create index ticket_day on ticket (point_id, day, stage);

create table ticket_step (
  -- Everything done about tickets. `act_id` is minted by whoever does it: what arrives twice is
  -- done once. What a point did without a network is a fact of the same id.
  id {serial},
  act_id {uuid} not null unique,
  ticket_id {uuid} not null references ticket (id),
  act {text} not null,
  counter {text},
  group_code {text},
  -- When, by the clock of whoever did it.
  at {instant} not null,
  received_at {instant} not null,
  by_id {uuid} references member (id),
  device_id {uuid} references desk_device (id),
  by_fact {bool} not null
);
create index ticket_step_of on ticket_step (ticket_id);

create table ticket_assist (
  -- Assists that say which ticket they are for; `causo verify` compares it with the ledger.
  fact_id {uuid} primary key,
  ticket_id {uuid} not null
);
create index ticket_assist_of on ticket_assist (ticket_id);
