-- Personal reminders of the day on which a result can be fetched.

create table slip (
  id {uuid} primary key,
  -- Opens the resident's page; known to whoever holds the paper.
  code {text} not null unique,
  point_id {uuid} not null references service_point (id),
  -- The ticket it was made for. It may have been taken without a network and come later.
  ticket_id {uuid},
  -- Codes of procedures.
  procedures {json} not null,
  -- The portal's code of the dossier.
  dossier {text},
  -- What else to bring, in words that point at nobody.
  note {text} not null,
  made_on {day} not null,
  made_by {uuid} not null references member (id),
  -- How things stand after the last row of slip_change.
  stage {text} not null,
  due {day} not null,
  promised {day} not null,
  apologies {int} not null,
  sent_back {int} not null,
  done_on {day},
  -- Only with consent; gone a while after it may be needed.
  phone {text},
  consent_at {instant},
  reminded_for {day}
);
create index slip_point on slip (point_id, stage, due);
create index slip_ticket on slip (ticket_id);
create index slip_due on slip (stage, due);

create table slip_change (
  -- Everything that was done about a slip. `act_id` is minted by who does it: what arrives
  -- twice is done once.
  id {serial},
  act_id {uuid} not null unique,
  slip_id {uuid} not null references slip (id),
  act {text} not null,
  due {day},
  note {text} not null,
  at {instant} not null,
  by_id {uuid} not null references member (id)
);
create index slip_change_of on slip_change (slip_id);

create table slip_message (
  -- What has to go out to a phone that was given for it; gone when it is sent, or given up.
  id {uuid} primary key,
  slip_id {uuid} not null references slip (id),
  text {text} not null,
  at {instant} not null,
  due_at {instant} not null,
  tries {int} not null
);
create index slip_message_due on slip_message (due_at);
