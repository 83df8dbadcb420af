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
    }
}

vocabulary! {
    /// Ways to a person besides the app's own list.
    Channel {
        /// To the browsers where they asked for it (Web Push).
        Push = "push",
        /// A text message to their phone.
        Sms = "sms",
        /// A Zalo message to their phone.
        Zalo = "zalo",
    }
}

impl Channel {
    /// Whether it is used for those who chose nothing. Push is: it reaches only
    /// browsers that were asked to take it.
    pub fn is_wanted_unless_declined(self) -> bool {
        self == Self::Push
    }
}
