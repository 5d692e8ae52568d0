//! Placeholder.

pub mod daily;
pub mod queue;
