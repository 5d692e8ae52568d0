//! Imports, from the upload to the result file. Both kinds share one pipeline:
//!
//! [`create`] stores and inspects the file; `mapping` and `list` say what becomes of its columns; [`start`] settles everything and
//! enqueues; then, in the job, `plan` reads the settings once, `parse` turns records into rows, `duplicate` knows before the first
//! write which rows come again, `batch` writes, and `result` makes the files.

mod create;
mod history;
mod list;
mod mapping;
mod settings;
mod start;

pub use create::{NewImport, Uploaded, create};
pub use history::{Progress, cancel, errors, get, imports, progress};
pub use settings::{MappingInput, Settings};
pub use start::start;
