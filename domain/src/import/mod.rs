//! Imports, from the upload to the result file. Both kinds share one pipeline:
//!
//! [`create`] stores and inspects the file; `mapping` and `list` say what becomes of its columns; [`start`] settles everything and
//! enqueues; then, in the job, `plan` reads the settings once, `parse` turns records into rows, `duplicate` knows before the first
//! write which rows come again, `batch` writes, and `result` makes the files.

mod batch;
mod changes;
mod create;
mod decide;
mod duplicate;
mod history;
mod list;
mod mapping;
mod parse;
mod plan;
mod resolve;
pub mod result;
mod retention;
pub mod run;
mod settings;
mod start;
mod work;

pub use batch::{Written, discard_rest, take_turn, write};
pub use changes::changes;
pub use create::{NewImport, Uploaded, create};
pub use duplicate::{Superseded, find as find_superseded};
pub use history::{cancel, errors, get, imports, progress};
pub use parse::Row;
pub use plan::Plan;
pub use retention::drop_unstarted;
pub use settings::{MappingInput, Settings};
pub use start::start;
