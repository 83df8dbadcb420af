//! The server as its users meet it: the real router over real HTTP, the real program
//! as a process, a real database file. One binary, so that it links once.

#![cfg(test)]

mod harness;

mod allowances;
mod attendance;
mod branch;
mod calendar;
mod cards;
mod certificates;
mod changes;
mod commands;
mod counting;
mod crash;
mod crowded;
mod desk;
mod edge;
mod experts;
mod exports;
mod facts_refused;
mod facts_taken;
mod failover;
mod faults;
mod imports;
mod lobby;
mod members;
mod moving;
mod nodes;
mod notifications;
mod people;
mod progress;
mod properties;
mod questions;
mod ratings;
mod rosters;
mod routes;
mod scams;
mod service;
mod simulate;
mod slips;
mod targets;
mod teams;
mod territory;
mod visits;
mod zalo;
