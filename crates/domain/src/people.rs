//! People: who sends them, and what they are in a team.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Who sends a person.
    Origin {
        /// The youth union.
        Doan = "doan",
        /// The youth federation.
        Hoi = "hoi",
        /// A school's students.
        Student = "student",
        /// A digital-technology enterprise.
        Enterprise = "enterprise",
        /// An office of the state.
        Official = "official",
        /// The Fatherland Front and its organisations.
        Front = "front",
        /// The police.
        Police = "police",
        /// Nobody: a resident.
        Resident = "resident",
    }
}

vocabulary! {
    /// What a person is in a team.
    Position {
        /// *Tổ trưởng, đội trưởng, bí thư chi đoàn*.
        Leader = "leader",
        /// Their deputy.
        Deputy = "deputy",
        /// Anyone else.
        Member = "member",
    }
}

vocabulary! {
    /// Kinds of team, by the glossary.
    TeamKind {
        /// *Tổ công nghệ số cộng đồng*.
        Community = "cnscd",
        /// *Tổ công nghệ số thanh niên*.
        Youth = "cnstn",
        /// *Đội thanh niên tình nguyện hỗ trợ dịch vụ công trực tuyến*.
        Desk = "dvctt",
        /// *Tổ thanh niên xung kích*.
        Shock = "xung_kich",
        /// *Đội hình cán bộ, công chức, viên chức trẻ*.
        Experts = "expert_squad",
        /// *Chi đoàn*.
        Branch = "chi_doan",
    }
}

vocabulary! {
    /// What somebody is at a place for a time.
    Office {
        /// *Bí thư* of the youth union.
        Secretary = "secretary",
        /// *Phó Bí thư* of the youth union.
        DeputySecretary = "deputy_secretary",
        /// *Cán bộ, công chức, viên chức*.
        Official = "official",
        /// *Bí thư chi bộ*.
        PartyCell = "party_cell",
        /// *Trưởng thôn, tổ trưởng tổ dân phố*.
        HamletHead = "hamlet_head",
        /// *Hạt nhân nòng cốt*: trained in technology, to whom the unit turns.
        CorePerson = "core_person",
        /// *Người có uy tín*: goes along on visits.
        TrustedPerson = "trusted_person",
    }
}

vocabulary! {
    /// What a decision does to a team.
    RevisionKind {
        /// *Thành lập*.
        Founding = "founding",
        /// *Kiện toàn*.
        Consolidation = "consolidation",
        /// *Giải thể*.
        Dissolution = "dissolution",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_and_no_two_are_the_same() {
        for kind in TeamKind::ALL {
            assert_eq!(TeamKind::parse(kind.as_str()), Some(*kind));
            let json = serde_json::to_string(kind).unwrap();
            assert_eq!(json, format!("\"{}\"", kind.as_str()));
        }
        assert_eq!(TeamKind::parse("to_cong_nghe"), None);
        assert_eq!(Origin::parse("doan"), Some(Origin::Doan));
        assert_eq!(Position::parse("deputy"), Some(Position::Deputy));
    }
}
