-- Cards of volunteers, and reports of suspected scams.

create table volunteer_card (
  -- What a resident scans. One holds at a time; earlier ones stay, to say that they no longer do.
  code {text} primary key,
  member_id {uuid} not null references member (id),
  issued_at {instant} not null,
  issued_by {uuid} not null references member (id),
  ended_at {instant},
  ended_by {uuid} references member (id)
);
create index volunteer_card_of on volunteer_card (member_id);
create unique index volunteer_card_held on volunteer_card (member_id) where ended_at is null;

create table scam_report (
  -- Its fact's id, or made with the form of the public page.
  id {uuid} primary key,
  by_fact {bool} not null,
  -- The commune, whichever hamlet the fact names.
  place_id {text} not null references place (id),
  team_id {uuid} references team (id),
  -- domain::scams::ScamReport
  scam {text} not null,
  channel {text} not null,
  trace {text},
  loss {text} not null,
  happened_on {day} not null,
  note {text},
  made_on {day} not null,
  -- Who reported it in the app.
  by_id {uuid} references member (id),
  -- How things stand after the last row of scam_step.
  stage {text} not null,
  officer_id {uuid} references member (id),
  result {text}
);
create index scam_report_place on scam_report (place_id, made_on);

create table scam_step (
  -- Everything that was done about a report.
  id {serial},
  -- Minted by whoever acts: sent twice, it is done once.
  act_id {uuid} not null unique,
  report_id {uuid} not null references scam_report (id),
  act {text} not null,
  -- To whom in the police, how, and under which number they have it.
  handed_to {text},
  way {text},
  reference {text},
  result {text},
  note {text} not null,
  at {instant} not null,
  by_id {uuid} references member (id)
);
create index scam_step_of on scam_step (report_id);

create table scam_contact (
  -- How to reach who reported on the public page, with their consent; erased by a chore.
  report_id {uuid} primary key references scam_report (id),
  name {text} not null,
  phone {text} not null,
  consent {text} not null,
  at {instant} not null
);

create table scam_look (
  -- Who looked at a contact.
  id {uuid} primary key,
  report_id {uuid} not null references scam_report (id),
  member_id {uuid} not null references member (id),
  at {instant} not null
);
create index scam_look_of on scam_look (report_id);

create table scam_alert (
  -- Teams of a commune were told of a wave.
  id {uuid} primary key,
  place_id {text} not null references place (id),
  scam {text} not null,
  text {text} not null,
  at {instant} not null,
  by_id {uuid} not null references member (id)
);
create index scam_alert_place on scam_alert (place_id, at);
