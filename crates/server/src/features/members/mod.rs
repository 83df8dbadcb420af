//! Members: who may sign in, with which role on which place, and how they got there.

mod api;
mod commands;
pub mod password;
pub mod store;

use crate::App;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use commands::{
    NewMember, NewPerson, WORDS, create, enrol, index_words, need_over, person_name, words_of,
};

/// What a member may do in the subtree of a place; each includes those before it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Records assists.
    Volunteer,
    /// Leads a team.
    Leader,
    /// Commune officer.
    CommuneOfficer,
    /// Province officer: designs campaigns, splits targets.
    ProvinceOfficer,
    /// Runs the installation.
    Admin,
}

impl Role {
    const ALL: [Role; 5] = [
        Role::Volunteer,
        Role::Leader,
        Role::CommuneOfficer,
        Role::ProvinceOfficer,
        Role::Admin,
    ];

    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Volunteer => "volunteer",
            Self::Leader => "leader",
            Self::CommuneOfficer => "commune_officer",
            Self::ProvinceOfficer => "province_officer",
            Self::Admin => "admin",
        }
    }

    /// Reads [`Role::as_str`] back.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == raw)
    }

    /// This role and those above it as a list of SQL literals; all are constants of ours.
    pub fn and_above(self) -> String {
        let names: Vec<String> = Self::ALL
            .into_iter()
            .filter(|role| *role >= self)
            .map(|role| format!("'{}'", role.as_str()))
            .collect();
        names.join(", ")
    }

    /// Fewest characters of a password. Volunteers and leaders may use a six-digit
    /// PIN: sign-in attempts are limited, and they see little.
    pub fn password_chars_min(self) -> usize {
        if self >= Self::CommuneOfficer { 10 } else { 6 }
    }
}

/// This feature's routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::sign_in, api::get_session, api::sign_out))
        .routes(routes!(api::invite))
        .routes(routes!(api::get_invitation))
        .routes(routes!(api::accept_invitation))
        .routes(routes!(api::disable_member))
        .routes(routes!(api::enable_member))
}

pub use api::{GrantBody, Me, MemberRef, TeamRef, me};
