//! Roster from outside, on both databases: `tests/run` runs all of it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod architecture;
mod harness;
mod health;
mod import;
mod kill;
mod s3;
mod viewer;
