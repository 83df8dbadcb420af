//! Vertical slices: each folder holds a feature's routes, commands, queries and SQL.

pub mod activities;
pub mod allowances;
pub mod attendance;
pub mod branch;
pub mod campaigns;
pub mod cards;
pub mod certificates;
pub mod changes;
pub mod desk;
pub mod experts;
pub mod exports;
pub mod facts;
pub mod lobby;
pub mod members;
pub mod notifications;
pub mod people;
pub mod places;
pub mod points;
pub mod progress;
pub mod rosters;
pub mod scams;
pub mod targets;
pub mod teams;
pub mod visits;
