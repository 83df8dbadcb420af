-- Telling people: what they are told, and what still has to go out to them besides the app.

create table notification (
  id {uuid} primary key,
  member_id {uuid} not null references member (id),
  -- What it is about: nobody is told the same twice.
  key {text} not null,
  kind {text} not null,
  -- For the words, which messages/notifications.*.json hold by kind.
  facts {json} not null,
  -- Which screen it leads to.
  link {text} not null,
  at {instant} not null,
  read_at {instant},
  unique (member_id, key)
);
create index notification_member on notification (member_id, id);
create index notification_unread on notification (member_id) where read_at is null;
create index notification_at on notification (at);

create table notification_choice (
  member_id {uuid} not null references member (id),
  kind {text} not null,
  channel {text} not null,
  wanted {bool} not null,
  primary key (member_id, kind, channel)
);

create table push_subscription (
  -- Of the browser that is signed in with it: it ends when they sign out.
  session {bytes} primary key references session (token_hash) on delete cascade,
  endpoint {text} not null unique,
  p256dh {bytes} not null,
  auth {bytes} not null,
  language {text} not null
);

create table delivery (
  -- What has to go out; gone when it is sent, or given up.
  id {uuid} primary key,
  notification_id {uuid} not null references notification (id) on delete cascade,
  channel {text} not null,
  -- To which browser, for a push.
  session {bytes} references push_subscription (session) on delete cascade,
  due_at {instant} not null,
  tries {int} not null
);
create index delivery_due on delivery (due_at);
create index delivery_notification on delivery (notification_id);
create index delivery_session on delivery (session);

create table simulated_message (
  -- What a simulated channel would have sent.
  id {uuid} primary key,
  channel {text} not null,
  phone {text} not null,
  text {text} not null,
  at {instant} not null
);
