-- Expert squads: who may be sent, what communes ask for, and what came of it.

create table expert (
  member_id {uuid} primary key references member (id),
  -- The office that lends them.
  office {text} not null,
  -- Codes of fields.
  fields {json} not null,
  -- They go there and below.
  area_id {text} not null references place (id),
  hours_per_month {int} not null,
  active {bool} not null
);

create table expert_request (
  id {uuid} primary key,
  place_id {text} not null references place (id),
  point_id {uuid} references service_point (id),
  field {text} not null,
  -- In words that point at nobody.
  purpose {text} not null,
  urgency {text} not null,
  language {text},
  wish_from {day} not null,
  wish_to {day} not null,
  asked_by {uuid} not null references member (id),
  asked_at {instant} not null,
  -- How things stand after the last row of expert_change.
  stage {text} not null,
  expert_id {uuid} references member (id),
  visit_from {day},
  visit_to {day},
  word {text}
);
create index expert_request_place on expert_request (place_id);
create index expert_request_expert on expert_request (expert_id);

create table expert_change (
  -- Everything that was done about a request. `act_id` is minted by who does it: what arrives
  -- twice is done once. What experts do by themselves is a fact of the same id.
  id {serial},
  act_id {uuid} not null unique,
  request_id {uuid} not null references expert_request (id),
  act {text} not null,
  -- Whose request it was, became, or was no longer.
  expert_id {uuid} references member (id),
  visit_from {day},
  visit_to {day},
  word {text},
  note {text} not null,
  at {instant} not null,
  by_id {uuid} not null references member (id),
  by_fact {bool} not null
);
create index expert_change_of on expert_change (request_id);
create index expert_change_expert on expert_change (expert_id);

create table expert_work (
  -- What entries of work logs that stand say; `causo verify` compares it with the ledger.
  fact_id {uuid} primary key,
  request_id {uuid} not null references expert_request (id),
  member_id {uuid} not null references member (id),
  day {day} not null,
  minutes {int} not null
);
create index expert_work_of on expert_work (request_id);
create index expert_work_who on expert_work (member_id, day);
