//! The rules of Cầu Số, as pure functions and types.
//!
//! The way of a number: a [`facts::Fact`] says that something happened;
//! [`observations`] reads out of it what can be counted; an
//! [`indicators::Measure`] picks the observations it counts; [`tallies`] decides
//! which fact is credited, once, and by how much each cell changes; [`cube`]
//! adds the cells up the tree of places; [`progress`] compares the sum with a
//! target and with the time that has passed.
//!
//! Nothing here reads a clock, draws a random number, opens a file or knows of a
//! database: all of that comes in as parameters.

pub mod activities;
pub mod allowances;
pub mod attendance;
pub mod branch;
pub mod cards;
pub mod catalogue;
pub mod certificates;
pub mod codes;
pub mod cube;
pub mod days;
pub mod desk;
pub mod experts;
pub mod facts;
pub mod holidays;
pub mod ids;
pub mod indicators;
pub mod member_list;
pub mod notifications;
pub mod observations;
pub mod people;
pub mod points;
pub mod procedures;
pub mod progress;
pub mod questions;
pub mod ratings;
pub mod refusal;
pub mod rosters;
pub mod scams;
pub mod skills;
pub mod slips;
pub mod subjects;
pub mod tallies;
pub mod targets;
pub mod teams;
pub mod thursday;
pub mod triage;
pub mod visits;
mod vocabulary;
