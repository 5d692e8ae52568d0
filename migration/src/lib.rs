//! The schema and its history.

pub mod queue;
