//! Activities and shifts as iCalendar (RFC 5545), for the calendar programs people already have.

use super::store::Activity;
use crate::features::rosters::Shift;
use domain::activities::Change;
use domain::days::VIETNAM;
use domain::refusal::Refusal;
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};
use time::{Date, Duration, OffsetDateTime, UtcOffset};

const ZONE: &str = "Asia/Ho_Chi_Minh";
/// Viet Nam has kept one offset since 1975. The library cannot write components inside a
/// time zone, so it is said here whole.
const ZONE_DEFINITION: &str = "BEGIN:VTIMEZONE\r\nTZID:Asia/Ho_Chi_Minh\r\nBEGIN:STANDARD\r\nDTSTART:19750613T000000\r\n\
    TZOFFSETFROM:+0700\r\nTZOFFSETTO:+0700\r\nTZNAME:+07\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

/// What a calendar holds.
#[derive(Debug, Default)]
pub struct Contents {
    /// Activities, each with the name of its place.
    pub activities: Vec<(Activity, String)>,
    /// Shifts, each with the name of its place and those who stand at it.
    pub shifts: Vec<(Shift, String, Vec<String>)>,
}

/// A calendar under a name. Its links lead to pages under `home`, the address of the app.
///
/// # Errors
/// When a stored recurrence cannot be read.
pub fn write(
    name: &str,
    contents: &Contents,
    home: &str,
    now: OffsetDateTime,
) -> Result<String, Refusal> {
    let mut calendar = empty();
    calendar.name(name);
    calendar.append_property(("X-WR-TIMEZONE", ZONE));
    calendar.append_property(
        Property::new("REFRESH-INTERVAL", "PT1H")
            .add_parameter("VALUE", "DURATION")
            .done(),
    );
    for (activity, place) in &contents.activities {
        let url = format!("{home}/lich/hoat-dong?id={}", activity.id);
        for event in events(activity, place, &url, now)? {
            calendar.push(event);
        }
    }
    for (shift, place, people) in &contents.shifts {
        let mut event = event_of(shift, place, people, now);
        event.add_property("URL", format!("{home}/ca-truc"));
        calendar.push(event);
    }
    let text = calendar.to_string();
    // Zones come before the events that name them.
    let at = text
        .find("BEGIN:VEVENT")
        .or_else(|| text.find("END:VCALENDAR"))
        .unwrap_or(text.len());
    let (head, rest) = text.split_at(at);
    Ok(format!("{head}{ZONE_DEFINITION}{rest}"))
}

/// A calendar of ours that holds nothing yet.
pub fn empty() -> Calendar {
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property(("PRODID", "-//Cau So//causo//VI"));
    calendar.append_property(("CALSCALE", "GREGORIAN"));
    calendar.append_property(("METHOD", "PUBLISH"));
    calendar
}

/// The activity, and each of its days that is different.
fn events(
    activity: &Activity,
    place: &str,
    url: &str,
    now: OffsetDateTime,
) -> Result<Vec<Event>, Refusal> {
    let plan = &activity.plan;
    let blank = |starts_at: OffsetDateTime, cancelled: bool, note: &str| {
        let mut event = Event::with_uid(&format!("{}@causo", activity.id));
        let ends_at = starts_at + Duration::minutes(plan.duration_min.into());
        event.add_property("DTSTAMP", stamp(now));
        event.append_property(in_zone("DTSTART", starts_at));
        event.append_property(in_zone("DTEND", ends_at));
        // Any change takes a higher revision of the registers.
        event.add_property("SEQUENCE", activity.rev.to_string());
        event.summary(&activity.title);
        let venue = [activity.details.venue.as_str(), place];
        let venue: Vec<&str> = venue.into_iter().filter(|part| !part.is_empty()).collect();
        event.location(&venue.join(", "));
        event.description(&description(activity, note));
        event.add_property("URL", url);
        let off = cancelled || activity.cancelled_at.is_some();
        event.status(if off {
            EventStatus::Cancelled
        } else {
            EventStatus::Confirmed
        });
        event
    };
    let mut first = blank(plan.starts_at, false, "");
    if plan.recurrence.is_empty() {
        // One day is its own exception.
        if let Some(change) = activity.changes.first() {
            let starts_at = change.starts_at.unwrap_or(plan.starts_at);
            first = blank(starts_at, change.cancelled, &change.note);
        }
        return Ok(vec![first]);
    }
    first.add_property("RRULE", &plan.recurrence);
    let left_out = plan.left_out()?;
    for day in &left_out {
        first.append_multi_property(in_zone("EXDATE", plan.starts_on(*day)));
    }
    let days = plan.days()?;
    let there = |day: Date| days.contains(&day) && !left_out.contains(&day);
    let different = |change: &Change| {
        let as_planned = plan.starts_on(change.day);
        let starts_at = change.starts_at.unwrap_or(as_planned);
        let mut event = blank(starts_at, change.cancelled, &change.note);
        event.append_property(in_zone("RECURRENCE-ID", as_planned));
        event
    };
    let changes = activity.changes.iter();
    let changed = changes.filter(|change| there(change.day)).map(different);
    Ok(std::iter::once(first).chain(changed).collect())
}

/// A shift; who stands at it, where the calendar is not their own.
fn event_of(shift: &Shift, place: &str, people: &[String], now: OffsetDateTime) -> Event {
    let mut event = Event::with_uid(&format!("{}@causo", shift.id));
    event.add_property("DTSTAMP", stamp(now));
    event.append_property(in_zone("DTSTART", shift.starts_at));
    event.append_property(in_zone("DTEND", shift.ends_at));
    event.summary(&format!("Trực: {}", shift.point_name));
    event.location(&format!("{}, {place}", shift.point_name));
    if !people.is_empty() {
        event.description(&people.join(", "));
    }
    event.status(if shift.cancelled {
        EventStatus::Cancelled
    } else {
        EventStatus::Confirmed
    });
    event
}

fn description(activity: &Activity, note: &str) -> String {
    let details = &activity.details;
    let mut lines = vec![note.to_owned(), details.note.clone()];
    if !details.host.is_empty() {
        lines.push(format!("Đơn vị chủ nhà: {}", details.host));
    }
    if !details.partners.is_empty() {
        lines.push(format!("Phối hợp: {}", details.partners.join(", ")));
    }
    for (number, step) in (1..).zip(&details.steps) {
        lines.push(format!("{number}. {}", step.title));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn in_zone(name: &str, at: OffsetDateTime) -> Property {
    let mut property = Property::new(name, digits(at, VIETNAM));
    property.add_parameter("TZID", ZONE).done()
}

/// A moment, in UTC.
pub fn stamp(at: OffsetDateTime) -> String {
    format!("{}Z", digits(at, UtcOffset::UTC))
}

/// `20241013T073000`.
fn digits(at: OffsetDateTime, offset: UtcOffset) -> String {
    let at = at.to_offset(offset);
    let (day, clock) = (at.date(), at.time());
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}",
        day.year(),
        u8::from(day.month()),
        day.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    )
}
