//! Personal reminders of the day on which a result can be fetched (*phiếu nhắc hẹn*): what
//! becomes of one, and whether the promise was kept. It is no receipt of the State and
//! imitates none.

use crate::days::days_between;
use crate::holidays::{is_working_day, working_days_after};
use crate::refusal::Refusal;
use crate::vocabulary::vocabulary;
use time::{Date, Duration};

/// Days ahead that a result may be promised for.
pub const DUE_DAYS_MAX: i32 = 180;
/// Procedures on one slip, at most.
pub const PROCEDURES_MAX: usize = 8;
/// Characters of what else to bring, and of a reason, at most.
pub const WORDS_CHARS_MAX: usize = 300;
/// A phone number is kept for so long after the last day it may be needed on.
pub const CONTACT_KEPT: Duration = Duration::days(30);
/// Fewer results are shown as they are, without a share, and nothing is ranked by them.
pub const RANKED_MIN: i64 = 30;

vocabulary! {
    /// How far a slip has come.
    SlipStage {
        /// The result is awaited.
        Open = "open",
        /// The dossier went back: something is missing or wrong.
        SentBack = "sent_back",
        /// The result was handed over.
        Done = "done",
        /// It was made by mistake, or the dossier was withdrawn.
        Cancelled = "cancelled",
    }
}

vocabulary! {
    /// What moves a slip on.
    SlipAct {
        /// The result is promised for a day.
        Make = "make",
        /// Another day: with an apology, or because the dossier is complete now.
        NewDay = "new_day",
        /// The dossier goes back.
        SendBack = "send_back",
        /// The result is handed over.
        HandOver = "hand_over",
        /// It holds no more.
        Cancel = "cancel",
    }
}

/// How a slip stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How far it has come.
    pub stage: SlipStage,
    /// When the result can be fetched.
    pub due: Date,
    /// What was promised first; begins anew when a dossier that went back is complete.
    pub promised: Date,
    /// How often another day was named, with an apology.
    pub apologies: u32,
    /// How often the dossier went back.
    pub sent_back: u32,
    /// When the result was handed over.
    pub done_on: Option<Date>,
}

impl Standing {
    /// Whether the day has passed and nobody has the result.
    pub fn is_late(&self, today: Date) -> bool {
        self.stage == SlipStage::Open && self.due < today
    }

    /// Whether the first promise was kept; `None` while that is open.
    pub fn on_time(&self) -> Option<bool> {
        self.done_on.map(|done| done <= self.promised)
    }
}

/// Something done about a slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deed {
    /// What.
    pub act: SlipAct,
    /// On which day.
    pub on: Date,
    /// The day promised.
    pub due: Option<Date>,
}

impl Deed {
    /// How a slip stands after it; `before` is nothing for a new one.
    ///
    /// # Errors
    /// `slip.not_now` when it cannot be done then, `slip.due` for a day that cannot be promised.
    pub fn after(&self, before: Option<Standing>) -> Result<Standing, Refusal> {
        use SlipStage::{Cancelled, Done, Open, SentBack};
        let due = || self.due.ok_or_else(|| Refusal::new("slip.due"));
        match (self.act, before) {
            (SlipAct::Make, None) => {
                let due = due()?;
                Ok(Standing {
                    stage: Open,
                    due,
                    promised: due,
                    apologies: 0,
                    sent_back: 0,
                    done_on: None,
                })
            }
            (SlipAct::NewDay, Some(now)) if now.stage == Open => Ok(Standing {
                due: due()?,
                apologies: now.apologies + 1,
                ..now
            }),
            (SlipAct::NewDay, Some(now)) if now.stage == SentBack => {
                let due = due()?;
                Ok(Standing {
                    stage: Open,
                    due,
                    promised: due,
                    ..now
                })
            }
            (SlipAct::SendBack, Some(now)) if now.stage == Open => Ok(Standing {
                stage: SentBack,
                sent_back: now.sent_back + 1,
                ..now
            }),
            (SlipAct::HandOver, Some(now)) if now.stage == Open => Ok(Standing {
                stage: Done,
                done_on: Some(self.on),
                ..now
            }),
            (SlipAct::Cancel, Some(now)) if matches!(now.stage, Open | SentBack) => Ok(Standing {
                stage: Cancelled,
                ..now
            }),
            (_, before) => {
                let stage = before.map_or("none", |now| now.stage.as_str());
                Err(Refusal::new("slip.not_now").with("stage", stage))
            }
        }
    }
}

/// Whether a result may be promised for a day: a working day, neither past nor far away.
///
/// # Errors
/// `slip.due`, with the next working day.
pub fn check_due(due: Date, today: Date) -> Result<(), Refusal> {
    let ahead = days_between(today, due);
    // Who comes today may take the result along even on a Saturday that is worked here alone.
    let open = due == today || is_working_day(due);
    if (0..=DUE_DAYS_MAX).contains(&ahead) && open {
        return Ok(());
    }
    let next = working_days_after(due.max(today), 1);
    Err(Refusal::new("slip.due").with("next", vn::number::date(next)))
}

/// The day for a result that the regulations give so many working days for.
pub fn due_after(today: Date, working_days: u32) -> Date {
    working_days_after(today, working_days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    const MADE: Date = date!(2024 - 10 - 14);

    fn deed(act: SlipAct, on: Date, due: Option<Date>) -> Deed {
        Deed { act, on, due }
    }

    fn made() -> Standing {
        let make = deed(SlipAct::Make, MADE, Some(date!(2024 - 10 - 17)));
        make.after(None).unwrap()
    }

    #[test]
    fn a_promise_that_is_kept_is_on_time_and_one_with_an_apology_is_not() {
        let hand = |on| deed(SlipAct::HandOver, on, None);
        let kept = hand(date!(2024 - 10 - 17)).after(Some(made())).unwrap();
        assert_eq!((kept.stage, kept.on_time()), (SlipStage::Done, Some(true)));
        assert!(made().is_late(date!(2024 - 10 - 18)));
        let later = Some(date!(2024 - 10 - 21));
        let sorry = deed(SlipAct::NewDay, date!(2024 - 10 - 18), later)
            .after(Some(made()))
            .unwrap();
        assert_eq!((sorry.apologies, sorry.due), (1, date!(2024 - 10 - 21)));
        assert!(!sorry.is_late(date!(2024 - 10 - 21)));
        let late = hand(date!(2024 - 10 - 21)).after(Some(sorry)).unwrap();
        assert_eq!(late.on_time(), Some(false));
    }

    #[test]
    fn a_dossier_that_went_back_begins_anew_when_it_is_complete() {
        let back = deed(SlipAct::SendBack, MADE, None)
            .after(Some(made()))
            .unwrap();
        assert_eq!((back.stage, back.sent_back), (SlipStage::SentBack, 1));
        assert!(!back.is_late(date!(2024 - 12 - 01)));
        let again = deed(SlipAct::NewDay, MADE, Some(date!(2024 - 10 - 25)))
            .after(Some(back))
            .unwrap();
        assert_eq!(
            (again.apologies, again.promised),
            (0, date!(2024 - 10 - 25))
        );
    }

    #[test]
    fn what_is_over_stays_over() {
        let over = deed(SlipAct::Cancel, MADE, None)
            .after(Some(made()))
            .unwrap();
        for act in SlipAct::ALL {
            let refused = deed(*act, MADE, Some(MADE)).after(Some(over));
            assert_eq!(refused.unwrap_err().code, "slip.not_now", "{act:?}");
        }
        let nothing = deed(SlipAct::HandOver, MADE, None).after(None);
        assert_eq!(nothing.unwrap_err().code, "slip.not_now");
    }

    #[test]
    fn a_result_is_promised_for_a_day_on_which_somebody_is_there() {
        assert!(check_due(date!(2024 - 10 - 17), MADE).is_ok());
        // A Sunday, unless it is today; and 2 September.
        assert!(check_due(date!(2024 - 10 - 20), MADE).is_err());
        assert!(check_due(date!(2024 - 10 - 13), date!(2024 - 10 - 13)).is_ok());
        assert!(check_due(date!(2025 - 09 - 02), date!(2025 - 08 - 20)).is_err());
        assert!(check_due(date!(2024 - 10 - 11), MADE).is_err());
        assert!(check_due(date!(2026 - 10 - 12), MADE).is_err());
        // Three working days from a Thursday jump the weekend.
        assert_eq!(due_after(date!(2024 - 10 - 17), 3), date!(2024 - 10 - 22));
    }
}
