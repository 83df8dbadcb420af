//! Vertical slices: each folder holds a feature's routes, commands, queries and SQL.

pub mod allowances;
pub mod campaigns;
pub mod changes;
pub mod exports;
pub mod facts;
pub mod members;
pub mod notifications;
pub mod places;
pub mod progress;
pub mod targets;
pub mod teams;
