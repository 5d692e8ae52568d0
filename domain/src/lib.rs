//! Placeholder.

pub mod csv_file;
