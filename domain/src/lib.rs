//! Placeholder.

pub mod queue;
