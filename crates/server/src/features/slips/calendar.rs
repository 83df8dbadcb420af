//! A slip's day as iCalendar (RFC 5545), for the calendar of the resident's own phone.

use super::store::Slip;
use crate::features::activities::calendar::{empty, stamp};
use domain::days::VIETNAM;
use icalendar::{Alarm, Component, Event, EventLike, Property, Trigger};
use time::macros::time;
use time::{Date, OffsetDateTime, Time};

/// When the phone reminds, on the day before: there is time to look for the papers.
const REMINDS_AT: Time = time!(15:00);

/// What the calendar says, in the language of the page it is taken from.
#[derive(Debug)]
pub struct Entry<'a> {
    /// What the day is.
    pub title: &'a str,
    /// What to bring, and what else is said on the page.
    pub lines: Vec<&'a str>,
    /// Address of the page.
    pub page: &'a str,
}

/// The day as a file; taken once more, the entry that is there already moves to the new day.
pub fn write(slip: &Slip, entry: &Entry<'_>, now: OffsetDateTime) -> String {
    let mut event = Event::with_uid(&format!("{}@causo", slip.id));
    event.add_property("DTSTAMP", stamp(now));
    event.append_property(day("DTSTART", slip.stands.due));
    event.append_property(day(
        "DTEND",
        slip.stands.due.next_day().unwrap_or(slip.stands.due),
    ));
    // Every other day was named with an apology.
    event.add_property("SEQUENCE", slip.stands.apologies.to_string());
    event.summary(entry.title);
    let at = [&slip.point_name, &slip.point_address, &slip.place_name];
    let at: Vec<&str> = at.into_iter().map(String::as_str).collect();
    let at: Vec<&str> = at.into_iter().filter(|part| !part.is_empty()).collect();
    event.location(&at.join(", "));
    event.description(&entry.lines.join("\n"));
    event.add_property("URL", entry.page);
    // Nobody is busy for the whole day.
    event.add_property("TRANSP", "TRANSPARENT");
    if let Some(before) = reminds(slip.stands.due) {
        event.alarm(Alarm::display(entry.title, before));
    }
    empty().push(event).done().to_string()
}

fn reminds(due: Date) -> Option<Trigger> {
    let at = due.previous_day()?.with_time(REMINDS_AT);
    let mut at = Property::new("TRIGGER", stamp(at.assume_offset(VIETNAM)));
    Trigger::try_from(&at.add_parameter("VALUE", "DATE-TIME").done()).ok()
}

fn day(name: &str, day: Date) -> Property {
    let digits = format!(
        "{:04}{:02}{:02}",
        day.year(),
        u8::from(day.month()),
        day.day()
    );
    Property::new(name, digits)
        .add_parameter("VALUE", "DATE")
        .done()
}
