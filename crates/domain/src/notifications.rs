//! Telling people: about what, and by which ways besides the app.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What somebody is told about.
    NoticeKind {
        /// Whom they invited is in.
        InvitationAccepted = "invitation_accepted",
        /// They were given a task.
        TaskGiven = "task_given",
        /// A task of theirs is due on the next working day.
        TaskDue = "task_due",
        /// A directive reached the team they lead.
        DirectiveSent = "directive_sent",
        /// A directive waits for the team they lead.
        DirectiveReminder = "directive_reminder",
        /// A shift nearby in time lacks people.
        ShiftShort = "shift_short",
        /// Somebody left such a shift, which lacks people now.
        ShiftLeft = "shift_left",
        /// A colleague looks for somebody to take over a shift that would suit them.
        ShiftOffered = "shift_offered",
        /// They are wanted at another point now.
        ShiftMoved = "shift_moved",
        /// A point is crowded, and somebody could come from a quiet one.
        DeskCrowded = "desk_crowded",
        /// A commune asks for an expert.
        ExpertAsked = "expert_asked",
        /// A request is offered to them.
        ExpertOffered = "expert_offered",
        /// The expert accepted, or cannot.
        ExpertAnswered = "expert_answered",
        /// An expert is sent.
        ExpertDispatched = "expert_dispatched",
        /// The expert says what came of it.
        ExpertDone = "expert_done",
        /// The commune said its word.
        ExpertClosed = "expert_closed",
        /// A request ended without, or is no longer theirs.
        ExpertEnded = "expert_ended",
        /// A resident asks the unit where they are an officer.
        QuestionAsked = "question_asked",
        /// A question was not answered in time and climbed.
        QuestionClimbed = "question_climbed",
        /// An answer waits for somebody to read it.
        QuestionReview = "question_review",
        /// Their answer came back.
        QuestionReturned = "question_returned",
        /// An answer could not be sent the way the question came.
        QuestionUnsent = "question_unsent",
        /// A suspected scam was reported in their commune.
        ScamReported = "scam_reported",
        /// Many reports of one kind came within days.
        ScamWave = "scam_wave",
        /// A report of theirs is over.
        ScamClosed = "scam_closed",
        /// An officer warns teams of a wave.
        ScamAlert = "scam_alert",
        /// Residents were dissatisfied: something is theirs to put right.
        ActionGiven = "action_given",
        /// What was to be put right is late.
        ActionLate = "action_late",
    }
}

vocabulary! {
    /// Ways to a person besides the app's own list.
    NoticeChannel {
        /// To the browsers where they asked for it (Web Push).
        Push = "push",
        /// A text message to their phone.
        Sms = "sms",
        /// A Zalo message to their phone.
        Zalo = "zalo",
    }
}

impl NoticeChannel {
    /// Whether it is used for those who chose nothing. Push is: it reaches only
    /// browsers that were asked to take it.
    pub fn is_wanted_unless_declined(self) -> bool {
        self == Self::Push
    }
}
