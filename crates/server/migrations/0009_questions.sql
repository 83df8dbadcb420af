-- Dân hỏi – Phường đáp: what residents ask, what was done about it, answers for everybody.

create table question (
  id {uuid} primary key,
  -- What the asker finds it by.
  code {text} not null unique,
  -- Of the same words from the same source on the same day; gone with the contact.
  repeat_key {bytes} unique,
  source {text} not null,
  -- Where it is asked about.
  place_id {text} not null references place (id),
  -- Without what points at people; nothing once it is forgotten.
  text {text},
  asked_at {instant} not null,
  -- Who wrote it down for the asker.
  entered_by {uuid} references member (id),
  -- How often it was asked again on the same day.
  repeats {int} not null,
  -- For an answer, by the asker's wish: 'sms' with a number (E.164), 'zalo' with a user's id.
  contact_kind {text},
  contact {text},
  -- How things stand after the last row of question_step.
  stage {text} not null,
  topic {text} not null,
  holder_id {text} not null references place (id),
  due_on {day} not null,
  climb_on {day} not null,
  climbs {int} not null,
  writer_id {uuid} references member (id),
  -- The answer that waits or went out.
  answer {text},
  answered_at {instant},
  -- Why it is not shown.
  withheld {text},
  -- When it was answered or withheld: from then on it is forgotten.
  ended_at {instant},
  faq_id {uuid}
);
create index question_place on question (place_id, asked_at);
create index question_holder on question (holder_id, asked_at);
create index question_late on question (climb_on) where stage in ('open', 'review');
create index question_ended on question (ended_at);

create table question_step (
  -- Everything that was done about a question. `act_id` is minted by who does it: what arrives
  -- twice is done once.
  id {serial},
  act_id {uuid} not null unique,
  question_id {uuid} not null references question (id),
  act {text} not null,
  topic {text},
  holder_id {text} references place (id),
  due_on {day},
  climb_on {day},
  note {text} not null,
  at {instant} not null,
  -- Nobody for what askers do, and for what happens by itself.
  by_id {uuid} references member (id)
);
create index question_step_of on question_step (question_id);

create table question_look (
  -- Who looked at how an asker can be reached.
  id {uuid} primary key,
  at {instant} not null,
  member_id {uuid} not null references member (id),
  question_id {uuid} not null references question (id)
);
create index question_look_of on question_look (question_id);

create table question_message (
  -- An answer on its way to where the question came from, and what became of it.
  id {uuid} primary key,
  question_id {uuid} not null references question (id),
  channel {text} not null,
  recipient {text} not null,
  text {text} not null,
  -- 'waiting', 'sent', 'window' (Zalo takes none until its user writes again), 'failed'.
  state {text} not null,
  made_at {instant} not null,
  due_at {instant} not null,
  tries {int} not null
);
create index question_message_of on question_message (question_id);
create index question_message_due on question_message (due_at) where state = 'waiting';

create table faq (
  id {uuid} primary key,
  -- For those who live there, below and above.
  place_id {text} not null references place (id),
  topic {text} not null,
  question {text} not null,
  answer {text} not null,
  published_at {instant} not null,
  published_by {uuid} not null references member (id),
  checked_by {uuid} references member (id),
  withdrawn_at {instant},
  rev {int} not null
);
create index faq_place on faq (place_id, rev);

create table faq_word (
  -- What an answer is found by: folded words, those of the question weigh more.
  word {text} not null,
  faq_id {uuid} not null references faq (id),
  weight {int} not null,
  primary key (word, faq_id)
) {clustered};
create index faq_word_of on faq_word (faq_id);

create table faq_use (
  -- A question that need not be asked again.
  id {uuid} primary key,
  faq_id {uuid} not null references faq (id),
  -- Where it was used.
  place_id {text} not null references place (id),
  at {instant} not null,
  -- Who answered a resident with it; nobody where a resident found it.
  member_id {uuid} references member (id)
);
create index faq_use_of on faq_use (faq_id);
create index faq_use_place on faq_use (place_id, at);

create table zalo_token (
  -- One row: tokens of the official account, sealed. A refresh token can be used once: whoever
  -- refreshes holds the lease, and nobody uses a new pair before it is written.
  id {int} primary key,
  -- Of the token that the configuration names: another one begins anew.
  seed {bytes} not null,
  access {text},
  access_until {instant},
  refresh {text} not null,
  refresh_until {instant} not null,
  pair {int} not null,
  leased_until {instant},
  -- Why only a new token from the configuration helps.
  broken {text}
);

create table zalo_event (
  -- What Zalo told us: each once, by its message.
  key {text} primary key,
  user_id {text} not null,
  text {text},
  at {instant} not null,
  done {bool} not null
);
create index zalo_event_at on zalo_event (at);

create table zalo_user (
  -- When somebody last did something: for two days after that we may answer.
  id {text} primary key,
  acted_at {instant} not null
);
