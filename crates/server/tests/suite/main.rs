//! The server as its users meet it: the real router over real HTTP, the real program
//! as a process, a real database file. One binary, so that it links once.

#![cfg(test)]

mod harness;

mod edge;
mod members;
