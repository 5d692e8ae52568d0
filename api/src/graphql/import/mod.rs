//! Imports: their history, their making, their watching.

mod error;
mod file;
mod input;
mod inspection;
mod mutation;
mod object;
mod query;
mod setting;
mod subscription;

pub(super) use file::File;
pub use file::Files;
pub(crate) use mutation::ImportMutation;
pub(crate) use object::Import;
pub(crate) use query::ImportQuery;
pub(crate) use subscription::ImportSubscription;
