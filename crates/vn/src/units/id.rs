//! Ids of places: the country, or a tree and an official code.

use super::Level;
use std::fmt;

/// Which of the two trees an id belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tree {
    /// 63 provinces with districts, until 30/06/2025.
    Old,
    /// 34 provinces, communes directly below, since 01/07/2025.
    Current,
}

/// `VN`, `63-01` (province), `63-001` (district), `63-00001` (commune), `34-01`, `34-00004`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceId(String);

/// Why a text is not a [`PlaceId`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a place id such as VN, 34-52, 34-21673, 63-543 or 63-21673")]
pub struct PlaceIdError(pub String);

impl Tree {
    fn prefix(self) -> &'static str {
        match self {
            Self::Old => "63-",
            Self::Current => "34-",
        }
    }
}

impl PlaceId {
    /// The country, root of both trees.
    #[must_use]
    pub fn country() -> Self {
        Self("VN".to_owned())
    }

    /// The place with this official code (2, 3 or 5 digits) in a tree.
    ///
    /// # Errors
    /// [`PlaceIdError`] when no level of that tree has codes of this form.
    pub fn new(tree: Tree, code: &str) -> Result<Self, PlaceIdError> {
        Self::parse(&format!("{}{code}", tree.prefix()))
    }

    /// Reads the text form. The level follows from the number of digits.
    ///
    /// # Errors
    /// [`PlaceIdError`] for anything else, other than ASCII digits included.
    pub fn parse(raw: &str) -> Result<Self, PlaceIdError> {
        let id = Self(raw.to_owned());
        let digits = id.code();
        let known = match id.tree() {
            None => raw == "VN",
            Some(Tree::Old) => matches!(digits.len(), 2 | 3 | 5),
            Some(Tree::Current) => matches!(digits.len(), 2 | 5),
        };
        let numeric = id.tree().is_none() || digits.bytes().all(|byte| byte.is_ascii_digit());
        if known && numeric {
            Ok(id)
        } else {
            Err(PlaceIdError(raw.to_owned()))
        }
    }

    /// The text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The official code without the tree: `21673`; `VN` for the country.
    #[must_use]
    pub fn code(&self) -> &str {
        self.0.split_once('-').map_or(&self.0, |(_, code)| code)
    }

    /// The tree, or `None` for the country.
    #[must_use]
    pub fn tree(&self) -> Option<Tree> {
        [Tree::Old, Tree::Current]
            .into_iter()
            .find(|tree| self.0.starts_with(tree.prefix()))
    }

    /// The level, told by the length of the code.
    #[must_use]
    pub fn level(&self) -> Level {
        match (self.tree(), self.code().len()) {
            (None, _) => Level::Country,
            (_, 2) => Level::Province,
            (_, 3) => Level::District,
            _ => Level::Commune,
        }
    }
}

impl fmt::Display for PlaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PlaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_follows_from_the_code() {
        for (raw, level, tree) in [
            ("VN", Level::Country, None),
            ("34-01", Level::Province, Some(Tree::Current)),
            ("34-00004", Level::Commune, Some(Tree::Current)),
            ("63-001", Level::District, Some(Tree::Old)),
            ("63-00001", Level::Commune, Some(Tree::Old)),
        ] {
            let id = PlaceId::parse(raw).unwrap();
            assert_eq!((id.level(), id.tree()), (level, tree), "{raw}");
        }
        assert_eq!(PlaceId::parse("34-00004").unwrap().code(), "00004");
    }

    #[test]
    fn anything_else_is_refused() {
        for raw in [
            "", "vn", "34-", "34-1", "34-001", "34-4", "63-4x", "35-01", "00004", "63-٠١",
        ] {
            assert!(PlaceId::parse(raw).is_err(), "{raw}");
        }
    }
}
