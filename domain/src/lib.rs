//! Placeholder.

pub mod email;
pub mod phone;
pub mod text;
pub mod value;
