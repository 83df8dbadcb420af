-- The ground. Types in braces are put in for each database by platform::migrate.
-- Days and instants of SQLite are whole numbers, so that comparing them is exact.

create table rev (
  -- The registers' revision: taken inside each change, so its order is commit order.
  value {int} not null
);
insert into rev values (0);

create table setting (
  key {text} primary key,
  value {text} not null
);

create table chore (
  -- When something that is done now and then was last done, by whichever node.
  name {text} primary key,
  last_at {instant} not null
);

-- Territory -------------------------------------------------------------------

create table place (
  id {text} primary key,
  code {text} not null,
  level {text} not null,
  parent_id {text} references place (id),
  -- Ids from the root, each followed by '/': a subtree is one prefix.
  path {text} not null,
  valid_from {day},
  valid_to {day},
  local {bool} not null,
  rev {int} not null
);
create index place_path on place (path);
create index place_parent on place (parent_id);

create table place_name (
  place_id {text} not null references place (id),
  position {int} not null,
  kind {text} not null,
  name {text} not null,
  full_name {text} not null,
  fold {text} not null,
  valid_from {day},
  valid_to {day},
  primary key (place_id, position)
);

create table succession (
  old_id {text} not null references place (id),
  new_id {text} not null references place (id),
  manner {text} not null,
  note {text} not null,
  primary key (old_id, new_id)
);
create index succession_new on succession (new_id);

create table figure (
  -- A dated, sourced number about a place: population, households, population_14.
  place_id {text} not null references place (id),
  figure {text} not null,
  value {int} not null,
  as_of {day} not null,
  source {text} not null,
  primary key (place_id, figure)
);

-- People ----------------------------------------------------------------------

create table team (
  id {uuid} primary key,
  name {text} not null,
  fold {text} not null,
  kind {text} not null,
  place_id {text} not null references place (id),
  founded_on {day},
  dissolved_on {day},
  rev {int} not null,
  unique (place_id, fold)
);

create table member (
  -- A person of the movement; one who may sign in has a login.
  id {uuid} primary key,
  login {text} unique,
  name {text} not null,
  fold {text} not null,
  -- How lists of people are ordered: by given name (vn::text::person_order_key).
  order_key {bytes} not null,
  password_hash {text},
  -- Where they are at home: a commune, a hamlet, or above.
  place_id {text} not null references place (id),
  -- Who sends them: doan, enterprise, official, …
  origin {text} not null,
  organisation {text} not null,
  phone {text},
  birth_year {int},
  mentor_id {uuid} references member (id),
  active {bool} not null,
  created_at {instant} not null,
  rev {int} not null
);
create index member_place on member (place_id, order_key);
create index member_order on member (order_key, id);
create index member_origin on member (origin, order_key, id);
create index member_ended on member (order_key, id) where not active;

create table member_word (
  -- What a person is found by: words of the folded name, the login, the digits of the
  -- phone number from the last to the first.
  word {text} not null,
  member_id {uuid} not null references member (id),
  primary key (word, member_id)
) {clustered};
create index member_word_of on member_word (member_id);

create table member_grant (
  member_id {uuid} not null references member (id),
  role {text} not null,
  place_id {text} not null references place (id),
  team_id {uuid} references team (id),
  granted_at {instant} not null,
  primary key (member_id, role, place_id)
);
create index member_grant_place on member_grant (place_id);

create table session (
  token_hash {bytes} primary key,
  member_id {uuid} not null references member (id),
  device_id {uuid} not null,
  created_at {instant} not null,
  seen_at {instant} not null,
  expires_at {instant} not null
);
create index session_member on session (member_id);

create table login_attempt (
  -- Failures by login name and by address, keyed by a digest.
  key {bytes} primary key,
  failures {int} not null,
  last_at {instant} not null
);

create table invitation (
  token_hash {bytes} primary key,
  name {text} not null,
  -- Who is meant, when they are in the register already.
  member_id {uuid} references member (id),
  role {text} not null,
  place_id {text} not null references place (id),
  team_id {uuid} references team (id),
  invited_by {uuid} not null references member (id),
  created_at {instant} not null,
  expires_at {instant} not null,
  accepted_by {uuid} references member (id)
);

-- Campaigns -------------------------------------------------------------------

create table campaign (
  id {uuid} primary key,
  code {text} not null unique,
  name {text} not null,
  theme {text} not null,
  issuing_document {json} not null,
  place_id {text} not null references place (id),
  starts_on {day} not null,
  ends_on {day} not null,
  rev {int} not null
);

create table indicator (
  id {uuid} primary key,
  campaign_id {uuid} not null references campaign (id),
  code {text} not null,
  name {text} not null,
  short_name {text} not null,
  position {int} not null,
  definition {json} not null,
  deadline {day},
  unique (campaign_id, code)
);

create table measure (
  -- What of an indicator is tallied; a small number keeps the tallies small.
  id {serial},
  indicator_id {uuid} not null references indicator (id),
  part {text} not null,
  unique (indicator_id, part)
);

create table target (
  indicator_id {uuid} not null references indicator (id),
  place_id {text} not null references place (id),
  team_id {uuid} not null,
  value {int} not null,
  locked {bool} not null,
  source {text} not null,
  primary key (indicator_id, place_id, team_id)
);
create index target_place on target (place_id);

create table target_change (
  id {serial},
  indicator_id {uuid} not null references indicator (id),
  place_id {text} not null,
  team_id {uuid} not null,
  at {instant} not null,
  member_id {uuid} not null references member (id),
  before {int},
  after {int} not null,
  locked {bool} not null,
  method {text} not null,
  reason {text} not null
);
create index target_change_of on target_change (indicator_id, place_id);

create table export_log (
  -- Who took records out, and which; how many once the file was whole.
  id {uuid} primary key,
  at {instant} not null,
  member_id {uuid} not null references member (id),
  format {text} not null,
  campaign_id {uuid} not null references campaign (id),
  place_id {text} not null references place (id),
  team_id {uuid},
  indicator {text},
  last_day {day} not null,
  facts {int},
  lines {int}
);

-- The ledger and what follows from it -------------------------------------------

create table fact (
  -- Append-only. `rev` is the order of arrival.
  rev {arrival},
  id {uuid} not null unique,
  kind {text} not null,
  happened_at {instant} not null,
  day {day} not null,
  received_at {instant} not null,
  place_id {text} not null references place (id),
  team_id {uuid} not null,
  actor_id {uuid} not null references member (id),
  device_id {uuid} not null,
  seq {int} not null,
  corrects {uuid},
  -- The original at the root of a chain of corrections; null for originals.
  root {uuid},
  body {json} not null
) {partitioned};
create index fact_place on fact (place_id, day);
create index fact_root on fact (root) where root is not null;

create table superseded (
  -- Facts that no longer count, and the one that stands instead.
  fact_id {uuid} primary key,
  by_id {uuid} not null
);

create table fact_subject (
  -- Whom and what each fact that counts is about: how facts about the same person,
  -- household, dossier, post or street find one another. No campaign has a part in it.
  subject {bytes} not null,
  fact_id {uuid} not null,
  primary key (subject, fact_id)
) {clustered};

create table tally (
  -- Leaf place by team by day; levels above are added up in reading.
  measure_id {int} not null,
  place_id {text} not null,
  team_id {uuid} not null,
  day {day} not null,
  total {int} not null,
  anonymous {int} not null,
  primary key (measure_id, place_id, team_id, day)
) {clustered};
