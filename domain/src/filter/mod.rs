//! The one filter language: what the API takes, what segments and inboxes store, and what compiles to SQL.
//!
//! To add a field: add it to [`ContactFilter`], and nothing compiles until `field` handles it. A condition is SQL that may be NULL;
//! whatever negates says IS NOT TRUE, so that contacts without a value are never lost.

mod array;
mod asked;
mod attribute;
mod conversation;
mod field;
mod group;
mod input;
mod limits;
mod phone;
mod place;
mod reference;
mod saved;
mod scan;
mod search;
mod segment;
mod sql;
mod stored;
mod text;
mod time;

pub use asked::{Asked, Rules, Scope, Searched, check, compile};
pub use input::*;
pub use limits::{Limits, set_limits};
pub(crate) use saved::Saved;
pub use scan::scans;
pub use search::{Named, Search};
pub use sql::{Compiled, Shape};
pub use stored::Stored;

/// Entries of a list at most.
pub const MAX_LIST: usize = 1_000;
/// Characters of a text at most.
pub const MAX_TEXT: usize = 10_000;
