//! What Vietnamese administration writes down, as types: text and its order, phone numbers,
//! citizen numbers and cards, dossier and procedure codes, numbers and dates, and the dated territory.
//!
//! Everything here is pure: no I/O, no clock, no randomness. Input is parsed once at the door
//! and the types inside are already true. Formats and the confidence behind each of them are
//! written in the module docs.
#![forbid(unsafe_code)]

pub mod card;
pub mod citizen;
pub mod dossier;
pub mod number;
pub mod phone;
pub mod text;
pub mod units;
