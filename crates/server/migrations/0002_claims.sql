-- Claims point at their fact instead of repeating it, and lie together by subject:
-- the random keys of a visit touch half as many pages of a third of the size.

create table slim_claim (
  subject {bytes} not null,
  measure_id {int} not null,
  condition {int} not null,
  fact_rev {int} not null,
  primary key (subject, measure_id, condition, fact_rev)
) {clustered};

insert into slim_claim
  select c.subject, c.measure_id, c.condition, f.rev from claim c join fact f on f.id = c.fact_id
   order by c.subject, c.measure_id, c.condition, f.rev;
drop table claim;
alter table slim_claim rename to claim;
