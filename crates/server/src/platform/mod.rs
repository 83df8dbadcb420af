//! What every feature stands on: database, time, errors, the HTTP edge.

pub mod assets;
pub mod clock;
pub mod db;
pub mod deployment;
pub mod http;
pub mod migrate;
pub mod problem;
pub mod progress;
pub mod wire;
