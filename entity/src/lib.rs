//! Placeholder.

pub mod attribute;
