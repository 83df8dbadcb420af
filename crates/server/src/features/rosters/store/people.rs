//! People as they suit shifts, and what they said of their time.

use crate::args;
use crate::features::places::store::path_range;
use crate::platform::db::{DbError, Row, Tx, Value, json};
use domain::ids::{MemberId, PointId};
use domain::rosters::fit::{Availability, Candidate, Held};
use std::collections::HashMap;
use time::{Date, Duration};

/// What somebody said of their time.
///
/// # Errors
/// The storage's.
pub fn availability(tx: &Tx<'_>, member: MemberId) -> Result<Option<Availability>, DbError> {
    tx.one(
        "select definition from availability where member_id = $1",
        args![member],
        |row| row.json(0),
    )
}

/// Writes what somebody said of their time.
///
/// # Errors
/// The storage's.
pub fn put_availability(
    tx: &mut Tx<'_>,
    member: MemberId,
    said: &Availability,
) -> Result<(), DbError> {
    let rev = tx.next_rev()?;
    tx.execute(
        "insert into availability (member_id, definition, rev) values ($1, $2, $3)
         on conflict (member_id) do update set definition = excluded.definition, rev = excluded.rev",
        args![member, &json(said), rev],
    )?;
    Ok(())
}

/// Whom to look at.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// One member.
    One(MemberId),
    /// Those at home at or below a path who said when they are free, or live where a point is.
    Below(&'a str),
    /// Who is in a team with somebody, and can sign in.
    Colleagues(MemberId),
}

/// People as they suit shifts of the days `from` to `to`, with their names, in order.
///
/// # Errors
/// The storage's.
pub fn candidates(
    tx: &Tx<'_>,
    who: Who<'_>,
    (from, to): (Date, Date),
) -> Result<Vec<(Candidate, String)>, DbError> {
    let (path, high);
    let (these, given): (&str, Vec<Value<'_>>) = match who {
        Who::One(member) => ("m.active and m.id = $1", vec![member.into()]),
        Who::Colleagues(member) => (
            "m.active and m.login is not null and m.id <> $1 and m.id in (
               select o.member_id from team_member own join team_member o on o.team_id = own.team_id
                where own.member_id = $1 and own.until is null and o.until is null)",
            vec![member.into()],
        ),
        Who::Below(below) => {
            (path, high) = path_range(below);
            (
                "m.active and h.path >= $1 and h.path < $2 and (
                   exists (select 1 from availability v where v.member_id = m.id)
                   or exists (select 1 from service_point q join place p on p.id = q.place_id
                               where p.path >= $1 and p.path < $2 and substr(h.path, 1, length(p.path)) = p.path))",
                args![path, &high].to_vec(),
            )
        }
    };
    // What follows asks about a day, too.
    let day = format!("${}", given.len() + 1);
    let with = |day: Date| [given.clone(), vec![day.into()]].concat();
    let sql = format!(
        "select m.id, m.name, h.path, v.definition from member m join place h on h.id = m.place_id
           left join availability v on v.member_id = m.id where {these} order by m.order_key, m.id"
    );
    let mut found = tx.all(&sql, &given, |row| {
        let said = row.get::<Option<String>>(3)?;
        let said = said.map(|_| row.json(3)).transpose()?;
        let candidate = Candidate {
            member: row.get(0)?,
            path: row.get(2)?,
            skills: Vec::new(),
            availability: said,
            holds: Vec::new(),
            knows: Vec::new(),
        };
        Ok((candidate, row.get(1)?))
    })?;
    let at: HashMap<MemberId, usize> = (found.iter().enumerate())
        .map(|(at, (one, _))| (one.member, at))
        .collect();
    let of = |row: &Row<'_, '_>| Ok::<_, DbError>(at.get(&row.get(0)?).copied());
    let sql = format!(
        "select k.member_id, k.skill from member_skill k join member m on m.id = k.member_id
           join place h on h.id = m.place_id
          where {these} and k.since <= {day} and (k.until is null or k.until >= {day})"
    );
    tx.each(&sql, &with(from), |row| {
        if let Some(at) = of(&row)? {
            found[at].0.skills.push(row.get(1)?);
        }
        Ok::<(), DbError>(())
    })?;
    let sql = format!(
        "select a.member_id, s.point_id, s.day, s.starts_at, s.ends_at from assignment a
           join shift s on s.id = a.shift_id join member m on m.id = a.member_id
           join place h on h.id = m.place_id
          where {these} and s.cancelled_at is null and s.day <= {day} order by s.starts_at, s.id"
    );
    // A week before and after: shifts of one week, and rest over the end of a month.
    let around = Duration::days(7);
    tx.each(&sql, &with(to + around), |row| {
        let Some(at) = of(&row)? else { return Ok(()) };
        let (point, day): (PointId, Date) = (row.get(1)?, row.get(2)?);
        let one = &mut found[at].0;
        if !one.knows.contains(&point) {
            one.knows.push(point);
        }
        if day >= from - around {
            one.holds.push(Held {
                starts_at: row.get(3)?,
                ends_at: row.get(4)?,
            });
        }
        Ok::<(), DbError>(())
    })?;
    Ok(found)
}
