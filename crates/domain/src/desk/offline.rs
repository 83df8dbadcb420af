//! What a desk did without a network, as facts that arrive later.

use super::ticket::{Deed, Taken, TicketAct};
use super::{Language, PriorityClass, TICKET_CODE_LETTERS, TicketSource, Wanted, errands};
use crate::codes;
use crate::ids::{FactId, PointId, TicketId};
use crate::procedures::ProcedureGroup;
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Date, OffsetDateTime};

/// Letters and digits of a number, at most.
const NUMBER_BYTES_MAX: usize = 10;
/// Bytes of what triage asked and was answered, at most.
pub const TRIAGE_BYTES_MAX: usize = 4096;

/// A ticket that a device took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketTaken {
    /// Where.
    pub point: PointId,
    /// What it is called by, of the device's own series: `A-N03`.
    pub number: String,
    /// Its secret code, from chance.
    pub code: String,
    /// What it is for.
    pub wanted: Vec<Wanted>,
    /// Why it goes before others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<PriorityClass>,
    /// The holder's language.
    pub language: Language,
    /// Where it was taken.
    pub source: TicketSource,
    /// What triage asked and was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triage: Option<Value>,
}

/// Something that a desk without a network did about a ticket. Decided as things stand when it
/// arrives, after the step before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketStep {
    /// The ticket; the fact's own id when it takes one.
    pub ticket: TicketId,
    /// What.
    pub act: TicketAct,
    /// At which counter, for a call and a return from hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter: Option<String>,
    /// Which group it waits for then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<ProcedureGroup>,
    /// The step of the ticket before this one, as the device knows it, when that is a fact too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<FactId>,
    /// The ticket that was taken, when one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<TicketTaken>,
}

impl TicketStep {
    /// Checked as far as it can be without the desk.
    pub(crate) fn tidied(mut self, id: FactId, day: Date) -> Result<Self, Refusal> {
        let wrong = |why: &str| Err(Refusal::new("fact.malformed").with("why", why));
        if self.taken.is_some() != (self.act == TicketAct::Take)
            || (self.act == TicketAct::Take) != (self.ticket.0 == id.0)
        {
            return wrong("taken");
        }
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let code = |code: &String| (1..=8).contains(&code.len()) && plain(code);
        if !self.counter.as_ref().is_none_or(code) {
            return wrong("counter");
        }
        if let Some(taken) = &mut self.taken {
            if !(1..=NUMBER_BYTES_MAX).contains(&taken.number.len()) || !plain(&taken.number) {
                return wrong("number");
            }
            let Some(code) = codes::parse(&taken.code, TICKET_CODE_LETTERS) else {
                return wrong("code");
            };
            taken.code = code;
            errands(&taken.wanted, day)?;
            let said = taken
                .triage
                .as_ref()
                .map_or(0, |said| said.to_string().len());
            if said > TRIAGE_BYTES_MAX {
                return wrong("triage");
            }
        }
        Ok(self)
    }

    /// What it does, at the moment of its fact.
    pub fn deed(&self, at: OffsetDateTime) -> Deed {
        Deed {
            act: self.act,
            counter: self.counter.clone(),
            group: self.group,
            at,
        }
    }
}

impl TicketTaken {
    /// What the ticket is taken with.
    ///
    /// # Errors
    /// `request.validation` when a procedure is not known any more.
    pub fn taken(&self, id: TicketId, day: Date) -> Result<Taken, Refusal> {
        Ok(Taken {
            id,
            point: self.point,
            number: self.number.clone(),
            code: self.code.clone(),
            errands: errands(&self.wanted, day)?,
            priority: self.priority,
            language: self.language,
            source: self.source,
        })
    }
}
