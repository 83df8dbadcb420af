-- One log of who looked at how somebody is reached, and one of what left as a file.

create table contact_look (
  id {uuid} primary key,
  at {instant} not null,
  member_id {uuid} not null references member (id),
  -- Of whom: somebody of the register, the asker of a question, who reported a scam.
  person_id {uuid} references member (id),
  question_id {uuid} references question (id),
  scam_report_id {uuid} references scam_report (id),
  check (
    (case when person_id is null then 0 else 1 end)
    + (case when question_id is null then 0 else 1 end)
    + (case when scam_report_id is null then 0 else 1 end) = 1)
);
create index contact_look_person on contact_look (person_id);
create index contact_look_question on contact_look (question_id);
create index contact_look_report on contact_look (scam_report_id);
insert into contact_look (id, at, member_id, person_id) select id, at, member_id, subject_id from access_log;
insert into contact_look (id, at, member_id, question_id) select id, at, member_id, question_id from question_look;
insert into contact_look (id, at, member_id, scam_report_id) select id, at, member_id, report_id from scam_look;
drop table access_log;
drop table question_look;
drop table scam_look;

create table file_taken (
  id {uuid} primary key,
  at {instant} not null,
  member_id {uuid} not null references member (id),
  -- 'facts' or 'ratings'.
  what {text} not null,
  format {text} not null,
  place_id {text} not null references place (id),
  -- Of facts: the campaign, perhaps one team's, perhaps those behind one number.
  campaign_id {uuid} references campaign (id),
  team_id {uuid},
  indicator {text},
  -- Nothing for facts, which are taken from a campaign's first day on.
  first_day {day},
  last_day {day} not null,
  -- How many, once the file was whole.
  facts {int},
  lines {int},
  check ((what = 'facts') = (campaign_id is not null)),
  check ((what = 'facts') = (first_day is null))
);
insert into file_taken (id, at, member_id, what, format, place_id, campaign_id, team_id, indicator, last_day, facts, lines)
  select id, at, member_id, 'facts', format, place_id, campaign_id, team_id, indicator, last_day, facts, lines from export_log;
insert into file_taken (id, at, member_id, what, format, place_id, first_day, last_day, lines)
  select id, at, member_id, 'ratings', format, place_id, first_day, last_day, lines from rating_export;
drop table export_log;
drop table rating_export;
