//! Lists of people, quick at any size: a page is read in the order of the index, or,
//! where few can be meant, out of those few.

use super::super::members::Role;
use super::super::places::store::path_range;
use crate::args;
use crate::platform::db::{DbError, Row, Tx, Value};
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::people::{Office, Origin};
use time::Date;
use uuid::Uuid;

/// Up to so many people are picked out first and put in order after. More than these
/// are met soon enough while walking the order.
const FEW: i64 = 4000;

/// Whom to list.
#[derive(Debug)]
pub struct Filter {
    /// Who asks.
    pub caller: MemberId,
    /// Only in this subtree.
    pub place: Option<PlaceId>,
    /// Words of the name in any order, the beginning of a login, or the end of a phone number.
    pub text: String,
    /// In this team.
    pub team: Option<TeamId>,
    /// Sent by these.
    pub origin: Option<Origin>,
    /// Holding this office.
    pub office: Option<Office>,
    /// With this skill, language or course.
    pub skill: Option<String>,
    /// With an account or without.
    pub account: Option<bool>,
    /// Still active or not.
    pub active: Option<bool>,
    /// Behind this person.
    pub after: Option<MemberId>,
    /// Memberships, offices and skills as of this day.
    pub on: Date,
    /// At most so many.
    pub limit: i64,
}

/// A person in a list.
#[derive(Debug)]
pub struct Line {
    /// Id.
    pub id: Uuid,
    /// Login name of those who may sign in.
    pub login: Option<String>,
    /// Full name.
    pub name: String,
    /// Whether they take part.
    pub active: bool,
    /// Who sends them.
    pub origin: Origin,
    /// Which school, enterprise or office that is.
    pub organisation: String,
    /// Where they are at home.
    pub place: PlaceId,
}

/// A condition under way: its text and what stands for its parameters.
#[derive(Debug, Default)]
struct Sql<'a> {
    conditions: Vec<String>,
    args: Vec<Value<'a>>,
}

impl<'a> Sql<'a> {
    /// Takes a parameter; how it is called.
    fn arg(&mut self, value: impl Into<Value<'a>>) -> String {
        self.args.push(value.into());
        format!("${}", self.args.len())
    }

    fn and(&mut self, condition: String) {
        self.conditions.push(condition);
    }
}

/// A few among whom everybody asked for must be: a `select` of an `id` with a `?` for each
/// parameter.
#[derive(Debug)]
struct Pick<'a> {
    select: String,
    args: Vec<Value<'a>>,
}

impl<'a> Pick<'a> {
    /// Its text as part of a statement.
    fn within(&self, sql: &mut Sql<'a>) -> String {
        let mut parts = self.select.split('?');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for (part, value) in parts.zip(&self.args) {
            text.push_str(&sql.arg(value.clone()));
            text.push_str(part);
        }
        text
    }

    /// Whether they are few.
    fn is_narrow(&self, tx: &Tx<'_>) -> Result<bool, DbError> {
        let mut sql = Sql::default();
        let select = self.within(&mut sql);
        let few = sql.arg(FEW);
        let count =
            format!("select count(*) from (select 1 from ({select}) as k limit {few}) as met");
        let met = tx.one(&count, &sql.args, |row| row.get::<i64>(0))?;
        Ok(met.unwrap_or(0) < FEW)
    }
}

/// People at home, or with a role, where the caller leads, as far as they fit the filter,
/// by given name.
///
/// # Errors
/// The storage's.
pub fn page(tx: &Tx<'_>, filter: &Filter) -> Result<Vec<Line>, DbError> {
    let areas = areas(tx, filter)?;
    let behind = behind(tx, filter.after)?;
    if areas.is_empty() || behind.is_some() != filter.after.is_some() {
        return Ok(Vec::new());
    }
    let areas: Vec<(String, String)> = areas
        .iter()
        .map(|path| (path.clone(), path_range(path).1))
        .collect();
    let text = Text::of(&filter.text);
    let (narrow, wide) = picks(tx, filter, &areas, &text)?;
    let mut sql = Sql::default();
    let among: Vec<String> = match (narrow.is_empty(), wide.len()) {
        // Many have each word, but few may have all.
        (true, 2..) => wide.iter().map(|pick| pick.within(&mut sql)).collect(),
        _ => narrow.iter().map(|pick| pick.within(&mut sql)).collect(),
    };
    let from = if among.is_empty() {
        "member m".to_owned()
    } else {
        sql.and("m.id = k.id".to_owned());
        let each = among
            .iter()
            .map(|select| format!("select distinct id from ({select}) as among"));
        let all = each.collect::<Vec<_>>().join(" intersect ");
        format!("({all}) as k cross join member m")
    };
    conditions(&mut sql, filter, &areas, &text);
    if let Some((key, id)) = &behind {
        let (key, id) = (sql.arg(&key[..]), sql.arg(*id));
        sql.and(format!("(m.order_key, m.id) > ({key}, {id})"));
    }
    let conditions = match sql.conditions.join(" and ") {
        none if none.is_empty() => "true".to_owned(),
        some => some,
    };
    let limit = sql.arg(filter.limit);
    let statement = format!(
        "select m.id, m.login, m.name, m.active, m.origin, m.organisation, m.place_id from {from}
          where {conditions} order by m.order_key, m.id limit {limit}"
    );
    tx.all(&statement, &sql.args, |row| line(&row))
}

/// What every person listed must fulfil.
fn conditions<'a>(
    sql: &mut Sql<'a>,
    filter: &'a Filter,
    areas: &'a [(String, String)],
    text: &'a Text,
) {
    text.condition(sql);
    if let Some(origin) = filter.origin {
        let origin = sql.arg(origin);
        sql.and(format!("m.origin = {origin}"));
    }
    if let Some(account) = filter.account {
        // Said so that no index is asked: nearly all have none, or nearly all have one.
        let has = if account { "<>" } else { "=" };
        sql.and(format!("coalesce(m.login, '') {has} ''"));
    }
    if let Some(active) = filter.active {
        let not = if active { "" } else { "not " };
        sql.and(format!("{not}m.active"));
    }
    for (table, column, value) in named(filter) {
        let (value, on) = (sql.arg(value), sql.arg(filter.on));
        sql.and(format!(
            "exists (select 1 from {table} x where x.member_id = m.id and x.{column} = {value}
               and x.since <= {on} and (x.until is null or x.until > {on}))"
        ));
    }
    // Everybody is somewhere in the country.
    if areas.iter().any(|(path, _)| path == "VN/") {
        return;
    }
    let ranges: Vec<String> = areas
        .iter()
        .map(|(from, to)| format!("p.path >= {} and p.path < {}", sql.arg(from), sql.arg(to)))
        .collect();
    let inside = ranges.join(" or ");
    sql.and(format!(
        "(exists (select 1 from place p where p.id = m.place_id and ({inside})) or exists (
           select 1 from member_grant g join place p on p.id = g.place_id where g.member_id = m.id and ({inside})))"
    ));
}

/// What names its people: a team, an office, a skill; with its table and column.
fn named(filter: &Filter) -> Vec<(&'static str, &'static str, Value<'_>)> {
    let team = filter
        .team
        .map(|team| ("team_member", "team_id", team.into()));
    let office = filter
        .office
        .map(|one| ("office_term", "office", one.into()));
    let skill = filter.skill.as_ref();
    let skill = skill.map(|skill| ("member_skill", "skill", skill.into()));
    [team, office, skill].into_iter().flatten().collect()
}

/// Those among whom everybody asked for must be, if they are few, and the words many have.
fn picks<'a>(
    tx: &Tx<'_>,
    filter: &'a Filter,
    areas: &'a [(String, String)],
    text: &'a Text,
) -> Result<(Vec<Pick<'a>>, Vec<Pick<'a>>), DbError> {
    let named = named(filter)
        .into_iter()
        .map(|(table, column, value)| Pick {
            select: format!("select member_id as id from {table} where {column} = ?"),
            args: vec![value],
        });
    let (mut narrow, mut wide) = (Vec::new(), Vec::new());
    for pick in text.picks() {
        match pick.is_narrow(tx)? {
            true => narrow.push(pick),
            false => wide.push(pick),
        }
    }
    for pick in named.chain([area(areas)]) {
        if pick.is_narrow(tx)? {
            narrow.push(pick);
        }
    }
    Ok((narrow, wide))
}

/// Who is at home, or has a role, in an area.
fn area(areas: &[(String, String)]) -> Pick<'_> {
    let inside = vec!["p.path >= ? and p.path < ?"; areas.len()].join(" or ");
    let both = areas.iter().chain(areas);
    Pick {
        select: format!(
            "select m.id as id from place p cross join member m where m.place_id = p.id and ({inside})
             union all select g.member_id from place p cross join member_grant g where g.place_id = p.id and ({inside})"
        ),
        args: both
            .flat_map(|(from, to)| [Value::from(from), Value::from(to)])
            .collect(),
    }
}

fn line(row: &Row<'_, '_>) -> Result<Line, DbError> {
    Ok(Line {
        id: row.get(0)?,
        login: row.get(1)?,
        name: row.get(2)?,
        active: row.get(3)?,
        origin: row.get(4)?,
        organisation: row.get(5)?,
        place: row.get(6)?,
    })
}

/// Paths of the subtrees to look in: the caller's, or what the asked place has in common
/// with them.
fn areas(tx: &Tx<'_>, filter: &Filter) -> Result<Vec<String>, DbError> {
    let sql = format!(
        "select distinct s.path from member_grant g join place s on s.id = g.place_id
          where g.member_id = $1 and g.role in ({}) order by s.path",
        Role::Leader.and_above()
    );
    let own = tx.all(&sql, args![filter.caller], |row| row.get::<String>(0))?;
    let asked = match &filter.place {
        Some(place) => tx.one(
            "select path from place where id = $1",
            args![place],
            |row| row.get::<String>(0),
        )?,
        None => Some(String::new()),
    };
    let Some(asked) = asked else {
        return Ok(Vec::new());
    };
    let mut common: Vec<String> = own
        .into_iter()
        .filter_map(|own| match () {
            () if own.starts_with(&asked) => Some(own),
            () if asked.starts_with(&own) => Some(asked.clone()),
            () => None,
        })
        .collect();
    common.dedup();
    Ok(common)
}

/// Where a page goes on: behind the last one's place in the order.
fn behind(tx: &Tx<'_>, after: Option<MemberId>) -> Result<Option<(Vec<u8>, MemberId)>, DbError> {
    let Some(after) = after else { return Ok(None) };
    let sql = "select order_key from member where id = $1";
    let key = tx.one(sql, args![after], |row| row.get::<Vec<u8>>(0))?;
    Ok(key.map(|key| (key, after)))
}

/// What was typed into the search box.
#[derive(Debug)]
struct Text {
    /// Words of the name, each with a space before it: the beginning of a word. A single
    /// one may also be the beginning of a login.
    words: Vec<String>,
    /// The last digits of a phone number, instead of words.
    digits: Option<String>,
    /// The same as stretches of the index of words.
    ranges: Vec<(String, String)>,
}

impl Text {
    fn of(raw: &str) -> Self {
        let fold = vn::text::fold(raw);
        let digits: String = fold.chars().filter(char::is_ascii_digit).collect();
        let mut rest = fold.chars().filter(|c| !c.is_ascii_digit());
        let is_phone = digits.len() >= 3 && rest.all(|c| " .-+".contains(c));
        let digits = is_phone.then(|| digits.trim_start_matches('0').to_owned());
        let (indexed, words): (Vec<String>, Vec<String>) = match &digits {
            Some(digits) => (vec![digits.chars().rev().collect()], Vec::new()),
            None => fold
                .split_whitespace()
                .map(|word| (word.to_owned(), format!(" {word}")))
                .unzip(),
        };
        let range = |word: String| {
            let to = format!("{word}{}", char::MAX);
            (word, to)
        };
        Self {
            words,
            digits,
            ranges: indexed.into_iter().map(range).collect(),
        }
    }

    fn condition<'a>(&'a self, sql: &mut Sql<'a>) {
        if let Some(digits) = &self.digits {
            let digits = sql.arg(digits);
            sql.and(format!("m.phone like '%' || {digits}"));
        }
        for word in &self.words {
            let given = sql.arg(word);
            let name = format!("instr(' ' || m.fold, {given}) > 0");
            sql.and(match self.words.len() {
                1 => format!("({name} or instr(' ' || m.login, {given}) = 1)"),
                _ => name,
            });
        }
    }

    /// Who has each of the words.
    fn picks(&self) -> Vec<Pick<'_>> {
        let ranges = self.ranges.iter();
        ranges
            .map(|(from, to)| Pick {
                select: "select member_id as id from member_word where word >= ? and word < ?"
                    .to_owned(),
                args: args![from, to].to_vec(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_name_or_the_end_of_a_phone_number() {
        let words = |raw: &str| {
            let text = Text::of(raw);
            text.digits.unwrap_or_else(|| text.words.concat())
        };
        assert_eq!(words(" Hạnh  Nguyễn "), " hanh nguyen");
        assert_eq!(words("0912.345 678"), "912345678");
        assert_eq!(words("678"), "678");
        assert_eq!(words("67"), " 67");
        assert_eq!(words("tnv2"), " tnv2");
        assert_eq!(words("  "), "");
    }
}
