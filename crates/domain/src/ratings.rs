//! What residents think of how they were served: one rating for each ticket, a few taps,
//! no login. How answers are counted, what may be shown of few, and what a low one sets off:
//! a corrective action with an owner and a day.

use crate::ids::MemberId;
use crate::refusal::Refusal;
use crate::vocabulary::vocabulary;
use serde::Serialize;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// Fewer answers than this are not compared with others.
pub const RANKED_FROM: u32 = 30;
/// Fewer answers than this are not shown: they would point at a person.
pub const SHOWN_FROM: u32 = 5;
/// How long a rating may be changed.
pub const CHANGED_WITHIN: Duration = Duration::minutes(15);
/// Characters of a comment, at most.
pub const COMMENT_CHARS_MAX: usize = 500;
/// Working days within which a corrective action is due, at most.
pub const DUE_WORKING_DAYS_MAX: u32 = 30;
/// Digits that may be a number of a person: of a phone, of an identity paper.
const MASKED_DIGITS: usize = 9;
/// Of a normal distribution, for 95 of 100.
const Z: f64 = 1.959_964;

vocabulary! {
    /// An answer. Both scales are made of these, so that an answer means the same on either.
    RatingStep {
        /// *Rất hài lòng*.
        VerySatisfied = "very_satisfied",
        /// *Hài lòng*.
        Satisfied = "satisfied",
        /// *Bình thường*.
        Neutral = "neutral",
        /// *Không hài lòng*.
        Dissatisfied = "dissatisfied",
        /// *Rất không hài lòng*.
        VeryDissatisfied = "very_dissatisfied",
    }
}

impl RatingStep {
    /// Whether it counts for the index.
    pub fn is_satisfied(self) -> bool {
        matches!(self, Self::VerySatisfied | Self::Satisfied)
    }

    /// Whether it asks for something to be done: the lowest two of five, the lowest of three.
    pub fn is_low(self) -> bool {
        matches!(self, Self::Dissatisfied | Self::VeryDissatisfied)
    }
}

vocabulary! {
    /// Which answers a point offers.
    RatingScale {
        /// All five steps.
        Five = "five",
        /// Three of them, as many one-stop kiosks do.
        Three = "three",
    }
}

impl RatingScale {
    /// Its answers, the best first.
    pub fn steps(self) -> &'static [RatingStep] {
        use RatingStep::{Dissatisfied, Neutral, Satisfied};
        match self {
            Self::Five => RatingStep::ALL,
            Self::Three => &[Satisfied, Neutral, Dissatisfied],
        }
    }
}

vocabulary! {
    /// What is asked: all in all first, then the factors of SIPAS (Decision 1001/QĐ-BNV of
    /// 2023) and the attitude of those who served.
    RatingTopic {
        /// All in all.
        Overall = "overall",
        /// *Tiếp cận dịch vụ*.
        Access = "access",
        /// *Thủ tục hành chính*.
        Procedure = "procedure",
        /// *Công chức*.
        Staff = "staff",
        /// *Kết quả*.
        Result = "result",
        /// *Tiếp nhận, giải quyết phản ánh, kiến nghị*.
        Feedback = "feedback",
        /// *Văn hóa công vụ*: friendly, patient, proper.
        Attitude = "attitude",
    }
}

vocabulary! {
    /// Where a rating comes from; without a ticket they are counted apart.
    RatingSource {
        /// The ticket's own page, or its slip.
        Ticket = "ticket",
        /// A device that somebody at the desk handed over.
        Handed = "handed",
        /// The code of a point or counter: no ticket.
        Point = "point",
    }
}

vocabulary! {
    /// Who may read a comment.
    CommentState {
        /// Only officers of the point: nobody has looked at it.
        Waiting = "waiting",
        /// Everybody who sees results.
        Shown = "shown",
        /// Only officers of the point, who found it unfit.
        Hidden = "hidden",
    }
}

/// What one rating says of each thing asked.
pub type Answers = BTreeMap<RatingTopic, RatingStep>;

/// Whether a rating made then may still be changed.
pub fn is_open(since: OffsetDateTime, now: OffsetDateTime) -> bool {
    now - since <= CHANGED_WITHIN
}

/// A comment as it is kept: tidied, with runs of digits masked that may be a person's number;
/// nothing when it says nothing.
pub fn comment(raw: &str) -> Option<String> {
    let short: String = raw.chars().take(COMMENT_CHARS_MAX).collect();
    let text = masked(&vn::text::normalise(&short));
    (!text.is_empty()).then_some(text)
}

fn masked(text: &str) -> String {
    let is_part = |c: char| c.is_numeric() || matches!(c, ' ' | '.' | '-' | '+' | '(' | ')');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(char::is_numeric) {
        let (before, from) = rest.split_at(begin);
        out.push_str(before);
        let run = &from[..from.find(|c| !is_part(c)).unwrap_or(from.len())];
        let run = run.trim_end_matches(|c: char| !c.is_numeric());
        if run.chars().filter(|c| c.is_numeric()).count() >= MASKED_DIGITS {
            out.push_str("•••");
        } else {
            out.push_str(run);
        }
        rest = &from[run.len()..];
    }
    out + rest
}

/// How often each answer was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally([u32; RatingStep::ALL.len()]);

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, step: RatingStep) {
        self.0[step as usize] += 1;
    }

    /// How many gave this answer.
    pub fn of(&self, step: RatingStep) -> u32 {
        self.0[step as usize]
    }

    /// Answers.
    pub fn n(&self) -> u32 {
        self.0.iter().sum()
    }

    /// The index; none without answers.
    pub fn index(&self) -> Option<Index> {
        let satisfied = RatingStep::ALL.iter().filter(|step| step.is_satisfied());
        let satisfied = satisfied.map(|step| self.of(*step)).sum();
        Index::of(satisfied, self.n())
    }
}

/// The satisfaction index: satisfied of all answers, and where it would lie, 95 times of 100,
/// if everybody had been asked (Wilson). Percent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Index {
    /// Answers.
    pub n: u32,
    /// Very satisfied or satisfied.
    pub satisfied: u32,
    /// Of a hundred.
    pub percent: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Index {
    /// Of so many answers; none without any.
    pub fn of(satisfied: u32, n: u32) -> Option<Self> {
        if n == 0 {
            return None;
        }
        let (count, share) = (f64::from(n), f64::from(satisfied) / f64::from(n));
        let squeeze = 1.0 + Z * Z / count;
        let middle = (share + Z * Z / (2.0 * count)) / squeeze;
        let spread = share * (1.0 - share) / count + Z * Z / (4.0 * count * count);
        let half = Z / squeeze * spread.sqrt();
        // Rounding must not push the share out of its own interval.
        let (low, high) = ((middle - half).min(share), (middle + half).max(share));
        let percent = |of: f64| (of * 100.0).clamp(0.0, 100.0);
        Some(Self {
            n,
            satisfied,
            percent: percent(share),
            low: percent(low),
            high: percent(high),
        })
    }

    /// Whether it may stand beside others in an order.
    pub fn is_ranked(&self) -> bool {
        self.n >= RANKED_FROM
    }
}

/// Which of these groups, that make up a whole, must not be shown: those of few answers, and
/// the next smallest ones until nobody can find the few by taking the others from the whole.
pub fn hidden(ns: &[u32]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..ns.len()).filter(|at| ns[*at] > 0).collect();
    order.sort_by_key(|at| ns[*at]);
    let mut hidden = vec![false; ns.len()];
    let mut together = 0;
    for at in order {
        if ns[at] >= SHOWN_FROM && (together == 0 || together >= SHOWN_FROM) {
            break;
        }
        hidden[at] = true;
        together += ns[at];
    }
    hidden
}

vocabulary! {
    /// How far a corrective action has come.
    ActionStage {
        /// Low answers opened it.
        Opened = "opened",
        /// Its cause is known.
        CauseFound = "cause_found",
        /// Something was done.
        Done = "done",
        /// Ended with a result.
        Closed = "closed",
        /// Those who gave the low answers changed their minds before anybody did anything.
        Dropped = "dropped",
    }
}

impl ActionStage {
    /// Whether it still waits for somebody, and collects further low answers.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Opened | Self::CauseFound | Self::Done)
    }
}

vocabulary! {
    /// What moves a corrective action on.
    ActionAct {
        /// A low answer opens it.
        Open = "open",
        /// It is given to somebody, or to somebody else.
        Assign = "assign",
        /// The cause, in words; once more when another is found.
        FindCause = "find_cause",
        /// What was done about it.
        Do = "do",
        /// The result.
        Close = "close",
        /// No low answer is left.
        Drop = "drop",
    }
}

/// How a corrective action stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionStanding {
    /// How far it has come.
    pub stage: ActionStage,
    /// Whose it is, if anybody is there to take it.
    pub owner: Option<MemberId>,
}

impl ActionAct {
    /// Where it leads from a stage, or from nothing; `None` when it cannot be done there.
    pub fn leads(self, from: Option<ActionStage>) -> Option<ActionStage> {
        use ActionStage::{CauseFound, Closed, Done, Dropped, Opened};
        match (self, from) {
            (Self::Open, None) => Some(Opened),
            (Self::Assign, Some(stage)) if stage.is_open() => Some(stage),
            (Self::FindCause, Some(Opened | CauseFound)) => Some(CauseFound),
            (Self::Do, Some(CauseFound | Done)) => Some(Done),
            (Self::Close, Some(Done)) => Some(Closed),
            (Self::Drop, Some(Opened)) => Some(Dropped),
            _ => None,
        }
    }

    /// Whether it must say something.
    pub fn needs_words(self) -> bool {
        matches!(self, Self::FindCause | Self::Do | Self::Close)
    }

    /// How an action stands after it; `owner` is whom it is opened for or given to.
    ///
    /// # Errors
    /// `rating.action_not_now` when it cannot be done then.
    pub fn after(
        self,
        before: Option<ActionStanding>,
        owner: Option<MemberId>,
    ) -> Result<ActionStanding, Refusal> {
        let from = before.map(|before| before.stage);
        let no = || {
            let stage = from.map_or("", ActionStage::as_str);
            Refusal::new("rating.action_not_now").with("stage", stage)
        };
        let stage = self.leads(from).ok_or_else(no)?;
        let owner = match self {
            Self::Open | Self::Assign => owner,
            _ => before.and_then(|before| before.owner),
        };
        Ok(ActionStanding { stage, owner })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::datetime;

    #[test]
    fn the_index_is_satisfied_of_all_and_says_how_sure_it_is() {
        let mut tally = Tally::default();
        assert_eq!(tally.index(), None);
        for (step, times) in [
            (RatingStep::VerySatisfied, 40),
            (RatingStep::Satisfied, 41),
            (RatingStep::Neutral, 9),
            (RatingStep::Dissatisfied, 6),
            (RatingStep::VeryDissatisfied, 4),
        ] {
            (0..times).for_each(|_| tally.add(step));
        }
        let index = tally.index().unwrap();
        assert_eq!((index.n, index.satisfied, index.percent), (100, 81, 81.0));
        // Newcombe (1998), table I, method 3: 81 of 263 lies between 0.2553 and 0.3662.
        let known = Index::of(81, 263).unwrap();
        assert!((known.low - 25.53).abs() < 0.01 && (known.high - 36.62).abs() < 0.01);
        let few = Index::of(3, 3).unwrap();
        assert_eq!((few.percent, few.high), (100.0, 100.0));
        assert!((few.low - 43.85).abs() < 0.01 && !few.is_ranked());
        assert!(Index::of(0, 30).unwrap().is_ranked());
    }

    #[test]
    fn answers_mean_the_same_on_either_scale() {
        for scale in RatingScale::ALL {
            let steps = scale.steps();
            assert!(steps.is_sorted());
            assert!(steps[0].is_satisfied() && steps[steps.len() - 1].is_low());
        }
        let low = |scale: RatingScale| scale.steps().iter().filter(|s| s.is_low()).count();
        assert_eq!((low(RatingScale::Five), low(RatingScale::Three)), (2, 1));
        assert!(!RatingStep::Neutral.is_low() && !RatingStep::Neutral.is_satisfied());
    }

    #[test]
    fn a_rating_is_open_for_a_quarter_of_an_hour() {
        let at = datetime!(2024-10-13 09:00 +7);
        assert!(is_open(at, at + Duration::minutes(15)));
        assert!(!is_open(at, at + Duration::seconds(901)));
    }

    #[test]
    fn comments_lose_numbers_that_point_at_a_person() {
        for (said, kept) in [
            (" Gọi 0905 123 456 giúp  tôi. ", Some("Gọi ••• giúp tôi.")),
            ("CCCD 052191000123 nhé", Some("CCCD ••• nhé")),
            ("(+84) 905-123-456", Some("(+•••")),
            (
                "Chờ 45 phút, quầy 3, nộp 1.200.000 đồng ngày 03/10/2024",
                Some("Chờ 45 phút, quầy 3, nộp 1.200.000 đồng ngày 03/10/2024"),
            ),
            ("Rất tốt", Some("Rất tốt")),
            ("  ", None),
        ] {
            assert_eq!(comment(said).as_deref(), kept, "{said}");
        }
        let long = "á".repeat(900);
        assert_eq!(comment(&long).unwrap().chars().count(), COMMENT_CHARS_MAX);
    }

    #[test]
    fn an_action_goes_from_its_cause_to_what_was_done_to_a_result() {
        use ActionStage::{CauseFound, Closed, Done, Dropped, Opened};
        let mut found = Vec::new();
        for act in ActionAct::ALL {
            for from in std::iter::once(None).chain(ActionStage::ALL.iter().copied().map(Some)) {
                found.extend(act.leads(from).map(|to| (*act, from, to)));
            }
        }
        let wanted = [
            (ActionAct::Open, None, Opened),
            (ActionAct::Assign, Some(Opened), Opened),
            (ActionAct::Assign, Some(CauseFound), CauseFound),
            (ActionAct::Assign, Some(Done), Done),
            (ActionAct::FindCause, Some(Opened), CauseFound),
            (ActionAct::FindCause, Some(CauseFound), CauseFound),
            (ActionAct::Do, Some(CauseFound), Done),
            (ActionAct::Do, Some(Done), Done),
            (ActionAct::Close, Some(Done), Closed),
            (ActionAct::Drop, Some(Opened), Dropped),
        ];
        assert_eq!(found, wanted);
        let [one, two] = [1, 2].map(|n| Some(MemberId(uuid::Uuid::from_u128(n))));
        let opened = ActionAct::Open.after(None, one).unwrap();
        let given = ActionAct::Assign.after(Some(opened), two).unwrap();
        let known = ActionAct::FindCause.after(Some(given), None).unwrap();
        assert_eq!((given.owner, known.owner), (two, two));
        let refused = ActionAct::Close.after(Some(known), None).unwrap_err();
        assert_eq!(refused.facts["stage"], "cause_found");
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_share_and_narrows_with_more_answers(
            (n, satisfied) in (1_u32..5000).prop_flat_map(|n| (Just(n), 0..=n)),
        ) {
            let index = Index::of(satisfied, n).unwrap();
            prop_assert!(0.0 <= index.low && index.low <= index.percent);
            prop_assert!(index.percent <= index.high && index.high <= 100.0);
            let more = Index::of(satisfied * 10, n * 10).unwrap();
            prop_assert!(more.high - more.low < index.high - index.low);
        }

        #[test]
        fn nobody_finds_the_few_by_subtraction(ns in proptest::collection::vec(0_u32..40, 0..12)) {
            let hidden = hidden(&ns);
            let shown = ns.iter().zip(&hidden).filter(|(_, hidden)| !**hidden);
            prop_assert!(shown.clone().all(|(n, _)| *n == 0 || *n >= SHOWN_FROM));
            let whole: u32 = ns.iter().sum();
            let left = whole - shown.map(|(n, _)| n).sum::<u32>();
            prop_assert!(left == 0 || left >= SHOWN_FROM || left == whole);
            // No more than needed: without few answers nothing is hidden.
            if ns.iter().all(|n| *n == 0 || *n >= SHOWN_FROM) {
                prop_assert!(hidden.iter().all(|hidden| !hidden));
            }
        }

        #[test]
        fn masking_leaves_no_long_run_of_digits_and_all_other_letters(said in "[a-zá0-9 .+()-]{0,60}") {
            let kept = masked(&said);
            let is_part = |c: char| c.is_numeric() || matches!(c, ' ' | '.' | '-' | '+' | '(' | ')');
            for run in kept.split(|c| !is_part(c)) {
                prop_assert!(run.chars().filter(|c| c.is_numeric()).count() < MASKED_DIGITS);
            }
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
            prop_assert_eq!(letters(&kept), letters(&said));
        }
    }
}
