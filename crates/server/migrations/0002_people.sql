-- Teams through time, and what people are, can and hold.

create table team_revision (
  -- A founding, a consolidation (kiện toàn), a new name or the end of a team, each by a decision.
  id {uuid} primary key,
  team_id {uuid} not null references team (id),
  kind {text} not null,
  decided_on {day} not null,
  decision_no {text} not null,
  issuer {text} not null,
  note {text} not null,
  at {instant} not null,
  by_id {uuid} not null references member (id)
);
create index team_revision_of on team_revision (team_id, decided_on);

create table team_member (
  -- Who was in a team from when to when, and as what; the revisions that began and ended it.
  id {uuid} primary key,
  team_id {uuid} not null references team (id),
  member_id {uuid} not null references member (id),
  position {text} not null,
  since {day} not null,
  until {day},
  began_by {uuid} references team_revision (id),
  ended_by {uuid} references team_revision (id)
);
create index team_member_of on team_member (team_id, until);
create index team_member_who on team_member (member_id);

create table office_term (
  -- An office somebody holds at a place for a time: secretary, core person, trusted person, …
  id {uuid} primary key,
  member_id {uuid} not null references member (id),
  office {text} not null,
  place_id {text} not null references place (id),
  since {day} not null,
  until {day},
  decision_no {text} not null
);
create index office_term_who on office_term (member_id);
create index office_term_at on office_term (place_id, office);

create table member_skill (
  -- Skills, languages and courses passed, by code; level 1 to 3.
  member_id {uuid} not null references member (id),
  skill {text} not null,
  level {int} not null,
  since {day} not null,
  until {day},
  primary key (member_id, skill)
);
create index member_skill_which on member_skill (skill);

create table readiness (
  -- What members have done for themselves before they help others, ticked by themselves.
  member_id {uuid} not null references member (id),
  item {text} not null,
  done_at {instant} not null,
  primary key (member_id, item)
);

create table access_log (
  -- Who looked at what of a person that is not shown to everybody.
  id {uuid} primary key,
  at {instant} not null,
  member_id {uuid} not null references member (id),
  subject_id {uuid} not null references member (id),
  what {text} not null
);
create index access_log_subject on access_log (subject_id);
